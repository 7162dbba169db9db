"""Confirmations by the recipient and by an organiser; with both, the hours are credited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.hours.actions.both_roles import check_not_asked
from timebank.hours.actions.credit import RecordCredited, credit
from timebank.hours.actions.guards import (
    check_not_own,
    check_organiser,
    check_writer,
    take_records,
)
from timebank.hours.rules import (
    BATCH_MAX,
    CONFIRMED,
    CREDITED,
    ENTERED,
    ORGANISER,
    RECIPIENT,
    REFUSED,
    REVERSED,
    VOLUNTEER,
    needs,
    shares_household,
)
from timebank.hours.tables import confirmation, service_record
from timebank.people.closeness import why_close
from timebank.people.queries import PersonBrief, briefs, kin_now, require_no_part_today
from timebank.people.rules.relations import Kin
from timebank.values import By


@dataclass(frozen=True, slots=True)
class RecordsConfirmed:
    """``credited`` lists the results of the records that have every confirmation they need."""

    record_ids: tuple[int, ...]
    credited: tuple[RecordCredited, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordRefused:
    record_id: int


@dataclass(frozen=True, slots=True)
class Close:
    """Everybody who takes part in some records, and who of them is close to the actor."""

    people: dict[int, PersonBrief]
    kin: Kin


Words = Mapping[int, Mapping[str, Row[Any]]]


@action("confirm_records")
def confirm_records(
    deed: Deed, *, record_ids: tuple[int, ...], as_: Literal["recipient", "organiser"]
) -> RecordsConfirmed:
    """Confirm sessions as recipient or organiser; credit those that are complete.

    Staff may enter the confirmation of a recipient who signed on paper or confirmed by phone. The
    organiser is then somebody else, and also not whoever typed the record in.

    **Refuses**: ``NotFound``; ``SelfConfirm``; ``SamePerson``, also for a housemate of whoever took
    the first step; ``NotAllowed``; ``WrongState``; ``BothRoles``; ``BadInput``.
    """
    if not 0 < len(record_ids) <= BATCH_MAX or as_ not in (RECIPIENT, ORGANISER):
        raise BadInput(field="record_ids", why="count")
    rows = take_records(deed.session, deed.community_id, set(record_ids))
    words = _words(deed.session, deed.community_id, record_ids)
    close = Close(_people(deed, rows, words), kin_now(deed.session, deed.by, now=deed.now))
    sides = _sides(rows)
    homes = _homes(rows, sides, close.people)
    require_no_part_today(deed.session, deed.by, homes, deed.now, person_ids=sides)
    new = []
    for row in rows:
        on_behalf = _check_may_confirm(deed.by, row, as_, close=close, words=words[row.id])
        if as_ not in words[row.id]:
            new.append(_word(deed, row, as_, on_behalf=on_behalf))
    whole = [row for row in rows if _needs(row) <= words[row.id].keys() | {as_}]
    # The people helped may say what they know meanwhile; nothing is credited on it.
    check_not_asked(deed, {row.id for row in (rows if as_ == ORGANISER else whole)})
    if new:
        deed.session.execute(_NEW_WORDS, new)
    credited = credit(deed, whole)
    audit(
        deed,
        name="confirm_records",
        subject_kind="service_record",
        subject_id=rows[0].id,
        facts={"as": as_, "count": len(rows), "credited": len(credited)},
    )
    return RecordsConfirmed(tuple(row.id for row in rows), credited)


@action("refuse_record")
def refuse_record(deed: Deed, *, record_id: int, reason: str) -> RecordRefused:
    """Refuse a session that did not take place as recorded; volunteers may withdraw their own.

    **Refuses**: ``NotFound``; ``NotAllowed``; ``SelfConfirm``; ``WrongState``; ``BadInput``.
    """
    row = take_records(deed.session, deed.community_id, [record_id])[0]
    if deed.by.person_id != row.person_id:
        people = _people(deed, [row])
        if not _is_recipient(deed.by, row, people):
            check_not_own(kin_now(deed.session, deed.by, now=deed.now), row, people)
            check_organiser(deed.by, row)
    if row.state in (CONFIRMED, CREDITED, REFUSED, REVERSED):
        raise WrongState(kind="service_record", state=row.state, record_id=row.id)
    if not reason.strip():
        raise BadInput(field="reason", why="missing")
    deed.session.execute(
        update(service_record)
        .where(service_record.c.community_id == deed.community_id, service_record.c.id == record_id)
        .values(state=REFUSED, reason=reason.strip(), settled_at=deed.now)
    )
    audit(deed, name="refuse_record", subject_kind="service_record", subject_id=record_id, facts={})
    return RecordRefused(record_id)


def _has_recipient(row: Row[Any]) -> bool:
    return row.recipient_person_id is not None or row.recipient_household_id is not None


def _needs(row: Row[Any]) -> frozenset[str]:
    return needs(has_recipient=_has_recipient(row))


def _sides(rows: Sequence[Row[Any]]) -> set[int | None]:
    """The people of both sides of the records."""
    return {person_id for row in rows for person_id in (row.person_id, row.recipient_person_id)}


def _homes(
    rows: Sequence[Row[Any]], sides: set[int | None], people: Mapping[int, PersonBrief]
) -> set[int | None]:
    """The households of both sides of the records."""
    homes = {person.household_id for id_, person in people.items() if id_ in sides}
    return homes | {row.recipient_household_id for row in rows}


def _people(
    deed: Deed, rows: Sequence[Row[Any]], words: Words | None = None
) -> dict[int, PersonBrief]:
    """The briefs of everybody who takes part: both sides, who typed it in, who confirmed."""
    wanted: set[int | None] = {deed.by.person_id}
    for row in rows:
        wanted |= {row.person_id, row.recipient_person_id}
        wanted |= {row.recorded_by_person_id, row.ended_by_person_id}
    for given in (words or {}).values():
        wanted |= {word.given_by_person_id for word in given.values()}
    return briefs(
        deed.session,
        deed.community_id,
        [person_id for person_id in wanted if person_id is not None],
    )


_GIVEN = select(confirmation).where(
    confirmation.c.community_id == bindparam("of_community"),
    among(confirmation.c.record_id, "record_ids"),
)
_NEW_WORDS = insert(confirmation)


def _words(session: Session, community_id: int, record_ids: Sequence[int]) -> Words:
    """Read the confirmations. The records are locked, so no other is added meanwhile."""
    words: dict[int, dict[str, Row[Any]]] = {record_id: {} for record_id in record_ids}
    asked = {"of_community": community_id, "record_ids": words.keys()}
    for row in session.execute(_GIVEN, asked):
        words[row.record_id][row.side] = row
    return words


def _check_may_confirm(
    by: By,
    row: Row[Any],
    side: str,
    *,
    close: Close,
    words: Mapping[str, Row[Any]],
) -> bool:
    """Check one confirmation of one record; tell whether staff enter it for the recipient."""
    on_behalf = side == RECIPIENT and not _is_recipient(by, row, close.people)
    is_between = side == ORGANISER or on_behalf
    check_not_own(close.kin, row, close.people, on_either_side=is_between)
    if side == ORGANISER:
        check_organiser(by, row)
        _check_second_person(by, row, words, close=close)
    elif on_behalf:
        check_writer(by, row)
        if not _has_recipient(row):
            raise NotAllowed(deed="confirm_records")
        if (organiser := words.get(ORGANISER)) is not None:
            _check_other_hand(by, organiser.given_by, organiser.given_by_person_id, close=close)
    if row.state != ENTERED:
        raise WrongState(kind="service_record", state=row.state, record_id=row.id)
    return on_behalf


def _is_recipient(by: By, row: Row[Any], people: Mapping[int, PersonBrief]) -> bool:
    me = people.get(by.person_id or 0)
    if me is None:
        return False
    if row.recipient_household_id is not None:
        return shares_household(me.household_id, row.recipient_household_id)
    return bool(row.recipient_person_id == me.id)


def _check_second_person(
    by: By, row: Row[Any], words: Mapping[str, Row[Any]], *, close: Close
) -> None:
    """Check that two people of two households are responsible for each hour.

    Forbids: one clerk, or a clerk and their housemate, of whom one enters a record, clocks a
    volunteer in or out, or confirms for the recipient, and the other confirms as the organiser.
    """
    recipient = words.get(RECIPIENT)
    if recipient is not None and recipient.on_behalf:
        _check_other_hand(by, recipient.given_by, recipient.given_by_person_id, close=close)
    _check_other_hand(by, row.recorded_by, row.recorded_by_person_id, close=close)
    if VOLUNTEER not in words:  # Otherwise the volunteer agreed to the end.
        _check_other_hand(by, row.ended_by or "", row.ended_by_person_id, close=close)


def _check_other_hand(by: By, client: str, person_id: int | None, *, close: Close) -> None:
    """**Refuses**: ``SamePerson`` for whoever took the first step, and who is close to them."""
    why = why_close(by, person_id, close.people, kin=close.kin, client=client)
    if why is not None:
        raise SamePerson(why=why)


def _word(deed: Deed, row: Row[Any], side: str, *, on_behalf: bool) -> dict[str, Any]:
    return {
        "community_id": deed.community_id,
        "record_id": row.id,
        "side": side,
        "person_id": row.recipient_person_id if on_behalf else deed.by.person_id,
        "on_behalf": on_behalf,
        "given_by": deed.by.client,
        "given_by_person_id": deed.by.person_id,
        "given_at": deed.now,
    }
