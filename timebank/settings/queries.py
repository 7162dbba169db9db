"""The proposed changes of parameters, and for whom one of them changes something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, literal, select
from sqlalchemy.orm import Session

from timebank.db import NOW, waiting_row
from timebank.errors import NotFound
from timebank.people.queries import PersonBrief, briefs
from timebank.policy.queries import parameter_history
from timebank.policy.rules import PARAMETERS, Parameter
from timebank.policy.rules.effects import Effect, ParameterChange, Tell, changed
from timebank.settings import may
from timebank.settings.rules import State, state_of
from timebank.settings.tables import parameter_change
from timebank.values import By


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A proposed change, with the names of the staff who took part. Empty: nobody did."""

    id: int
    key: str
    value: Any
    valid_from_on: date
    until_at: datetime
    source: str
    reason: str
    asked_by: str
    asked_by_person_id: int
    asked_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    withdrawn_by: str
    withdrawn_at: datetime | None

    def state(self, now: datetime) -> State:
        """Whether it waits, was not confirmed in time, is confirmed or withdrawn."""
        return state_of(
            confirmed_at=self.confirmed_at, withdrawn_at=self.withdrawn_at,
            until_at=self.until_at, now=now,
        )  # fmt: skip

    @property
    def row(self) -> Parameter:
        """The dated row that it becomes."""
        return Parameter(
            key=self.key, value=self.value, unit=PARAMETERS[self.key].unit,
            valid_from_on=self.valid_from_on, source=self.source, note=self.reason,
        )  # fmt: skip


_OF = parameter_change.c
_STEPS = ("asked", "confirmed", "withdrawn")
_CHANGES: Select[Any] = (
    select(parameter_change)
    .where(_OF.community_id == bindparam("of_community"))
    .order_by(_OF.asked_at.desc(), _OF.id.desc())
)
_OF_KEY = _CHANGES.where(_OF.key == bindparam("of_key"))
_NAMED = _CHANGES.where(_OF.id == bindparam("of_change"))
_IS_WAITING = (_OF.confirmed_at.is_(None), _OF.withdrawn_at.is_(None), _OF.until_at > NOW)
_WAITING = _CHANGES.where(*_IS_WAITING)


def changes_of(session: Session, community_id: int, key: str) -> list[Change]:
    """Every proposed change of a parameter, newest first."""
    return _read(session, _OF_KEY, {"of_community": community_id, "of_key": key})


def open_changes(session: Session, community_id: int, *, now: datetime) -> list[Change]:
    """The changes that wait for a second person, newest first."""
    return _read(session, _WAITING, {"of_community": community_id, "now": now})


def change_named(session: Session, community_id: int, change_id: int) -> Change:
    """**Refuses**: ``NotFound``."""
    found = _read(session, _NAMED, {"of_community": community_id, "of_change": change_id})
    if not found:
        raise NotFound(kind="parameter_change")
    return found[0]


def _read(session: Session, query: Select[Any], asked: Mapping[str, Any]) -> list[Change]:
    """Read changes, with the names of the staff who took part."""
    rows = session.execute(query, asked).all()
    ids = {row._mapping[f"{step}_by_person_id"] for row in rows for step in _STEPS} - {None}
    people = briefs(session, asked["of_community"], ids) if ids else {}
    return [_change(dict(row._mapping), people) for row in rows]


def _change(row: Mapping[str, Any], people: Mapping[int, PersonBrief]) -> Change:
    ids = {f"{step}_by": row[f"{step}_by_person_id"] for step in _STEPS}
    names = {step: people[who].name if who in people else "" for step, who in ids.items()}
    columns = {field: row[field] for field in Change.__slots__ if field in row}
    return Change(**{**columns, **names, "value": msgspec.json.decode(row["value"])})


def waiting_changes(by: By) -> Select[Any] | None:
    """What somebody else proposed, as long as it can still be confirmed before its day."""
    if not may.CONFIRM.is_held_everywhere(by):
        return None
    return waiting_row(
        "setting", _OF.id, since=_OF.asked_at, until=_OF.until_at, number=_OF.key,
        count=literal(1),
    ).where(
        _OF.community_id == by.community_id,
        *_IS_WAITING,
        _OF.asked_by_person_id != (by.person_id or -1),
    )  # fmt: skip


def change_read(
    session: Session, community_id: int, row: Parameter, *, now: datetime
) -> ParameterChange:
    """The parameters before and after a new row, on its first day."""
    return changed(parameter_history(session, community_id), row, now=now)


def effects_of(
    session: Session, community_id: int, change: ParameterChange, *, tell: Mapping[str, Tell]
) -> tuple[Effect, ...]:
    """For whom a change changes something; ``tell`` is what the subjects declare, by key."""
    teller = tell.get(change.key)
    return () if teller is None else teller(session, community_id, change)
