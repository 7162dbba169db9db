"""What a proposed change must say, and in which state it is. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from timebank.errors import BadInput
from timebank.policy.rules import check_parameter
from timebank.policy.rules.bounds import check_bounds

TEXT_LENGTH_MAX = 400
DAYS_AHEAD_MAX = 2 * 366

State = Literal["waiting", "over", "confirmed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A value from a day on, with its source and the reason for it."""

    key: str
    value: Any
    valid_from_on: date
    source: str
    reason: str


def check_change(new: NewChange, *, today: date) -> NewChange:
    """Check a proposed change, and drop spaces around its texts.

    **Refuses**: ``BadInput`` for an unknown key, a wrong shape or range, no source or reason, a day
    that is not in the future or too far away.
    """
    check_parameter(new.key, new.value)
    check_bounds(new.key, new.value)
    texts = {"source": new.source.strip(), "reason": new.reason.strip()}
    for name, text in texts.items():
        if not text:
            raise BadInput(field=name, why="empty")
        if len(text) > TEXT_LENGTH_MAX:
            raise BadInput(field=name, why="too_long")
    if new.valid_from_on <= today:
        raise BadInput(field="valid_from_on", why="not_future")
    if new.valid_from_on > today + timedelta(days=DAYS_AHEAD_MAX):
        raise BadInput(field="valid_from_on", why="too_far")
    return NewChange(key=new.key, value=new.value, valid_from_on=new.valid_from_on, **texts)


def state_of(
    *, confirmed_at: datetime | None, withdrawn_at: datetime | None, until_at: datetime,
    now: datetime,
) -> State:  # fmt: skip
    """The state of a change; one that nobody confirmed before its day is over."""
    if withdrawn_at is not None:
        return "withdrawn"
    if confirmed_at is not None:
        return "confirmed"
    return "waiting" if now < until_at else "over"
