"""How much sealed data one person opens in a day, and the second person who may allow more."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select, update

from timebank.db import insert_new
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.queries import lines_of_person
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.closeness import Involved, require_not_close
from timebank.people.queries.openings import OPENED
from timebank.people.refusals import OpeningsUsedUp
from timebank.people.rules import check_reason
from timebank.people.tables import opening_alarm, person
from timebank.policy.queries import parameters_on
from timebank.values import local_day, local_instant, new_id

MORE_MAX = 100


@dataclass(frozen=True, slots=True)
class OpeningsAnswered:
    """``more_openings`` were allowed for the day of the alarm; none means that it was refused."""

    alarm_id: int
    more_openings: int


def refusal_if_used_up(deed: Deed) -> OpeningsUsedUp | None:
    """Count the openings of the actor today against the budget of their roles.

    The person's row is locked first, so that openings at the same time are counted one by one. The
    refusal is returned, not raised: the alarm that goes with it must be committed.
    """
    person_id, on = deed.by.person_id, local_day(deed.now)
    if person_id is None:
        raise NotAllowed(deed="reveal")
    deed.session.execute(
        select(person.c.id)
        .where(person.c.community_id == deed.community_id, person.c.id == person_id)
        .with_for_update(key_share=True)
    )
    most = _budget(deed, on) + _allowed(deed, person_id, on)
    between = local_instant(on), local_instant(on + timedelta(days=1))
    lines = lines_of_person(
        deed.session, deed.community_id, person_id, name=OPENED, between=between
    )
    if sum(line.subject_id != person_id for line in lines) < most:
        return None
    _raise_alarm(deed, person_id, on, most=most)
    return OpeningsUsedUp(most=most)


def _budget(deed: Deed, on: date) -> int:
    """The highest budget of the actor's roles; a role without one opens nothing."""
    parameters = parameters_on(deed.session, deed.community_id, on)
    by_role = parameters.counts("people.openings_max")
    return max((by_role.get(role.name, 0) for role in deed.by.roles), default=0)


def _allowed(deed: Deed, person_id: int, on: date) -> int:
    """What second people have allowed on top of the budget."""
    more = deed.session.scalar(
        select(func.sum(opening_alarm.c.more_openings)).where(
            opening_alarm.c.community_id == deed.community_id,
            opening_alarm.c.person_id == person_id,
            opening_alarm.c.on_day == on,
        )
    )
    return int(more or 0)


def _raise_alarm(deed: Deed, person_id: int, on: date, *, most: int) -> None:
    """Put the alarm on the coordinators' worklist, once for each budget."""
    row = {
        "community_id": deed.community_id,
        "id": new_id(),
        "person_id": person_id,
        "on_day": on,
        "openings_max": most,
        "raised_at": deed.now,
    }
    insert_new(deed.session, opening_alarm, [row])


@action("answer_openings")
def answer_openings(
    deed: Deed, *, alarm_id: int, more_openings: int, note: str
) -> OpeningsAnswered:
    """Allow somebody to open more today, or refuse it (0): a second person, with a reason.

    **Refuses**: ``NotAllowed``, also for one's own alarm and that of a housemate; ``NotFound``;
    ``WrongState`` if somebody was first, or for a day that is over; ``BadInput``.
    """
    may.ALLOW_OPENINGS.require_everywhere(deed.by)
    if not 0 <= more_openings <= MORE_MAX:
        raise BadInput(field="more_openings", why="range")
    row = deed.session.execute(
        select(opening_alarm)
        .where(opening_alarm.c.community_id == deed.community_id, opening_alarm.c.id == alarm_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(kind="opening")
    by_id = deed.by.person_id
    if by_id is None or by_id == row.person_id:
        raise NotAllowed(deed="answer_openings", why="same_person")
    whose = Involved(person_ids=(row.person_id,))
    require_not_close(deed.session, deed.by, whose, deed="answer_openings")
    if row.answered_at is not None:
        raise WrongState(kind="opening", state="answered")
    if more_openings and row.on_day != local_day(deed.now):
        raise WrongState(kind="opening", state="past")
    note = check_reason(note, field="note")
    deed.session.execute(
        update(opening_alarm)
        .where(opening_alarm.c.community_id == deed.community_id, opening_alarm.c.id == alarm_id)
        .values(
            answered_at=deed.now,
            answered_by_person_id=by_id,
            more_openings=more_openings,
            note=note,
        )
    )
    audit(
        deed,
        name="answer_openings",
        subject_kind="opening",
        subject_id=alarm_id,
        facts={"more_openings": more_openings, "note": note},
    )
    return OpeningsAnswered(alarm_id, more_openings)
