"""Mandates and guardians: given by oneself, or entered by two of staff; either side may end one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.people import may
from timebank.people.actions.by_two import evening_of, take_asked
from timebank.people.actions.cards import lock_people
from timebank.people.closeness import Involved, require_other, require_unrelated
from timebank.people.queries import card_holder, person_brief
from timebank.people.queries.mandates import mandates_of
from timebank.people.refusals import CardRevoked, CardUnknown
from timebank.people.rules import check_reason
from timebank.people.rules.ages import MINOR_GROUPS
from timebank.people.rules.mandates import (
    GUARDIAN,
    MANDATE,
    MANDATE_DEEDS,
    MANDATE_KINDS,
    SELF_GIVEN,
    check_ground,
    check_until,
    written_deeds,
)
from timebank.people.tables import mandate, mandate_use
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class MandateWritten:
    """A mandate that waits, holds, or has ended."""

    mandate_id: int
    state: str


@action("ask_mandate")
def ask_mandate(
    deed: Deed,
    *,
    person_id: int,
    agent_person_id: int,
    kind: str = MANDATE,
    deeds: tuple[str, ...] = (),
    ground: str,
    ground_note: str,
    until_on: date | None = None,
) -> MandateWritten:
    """Enter that somebody acts for a person, by a paper or a witness; a second one confirms it.

    **Refuses**: ``NotAllowed``, also for who is close to one of them; ``NotFound``; ``BadInput``;
    ``WrongState`` where it holds or waits already.
    """
    may.KEEP_MANDATES.require_everywhere(deed.by)
    if kind not in MANDATE_KINDS:
        raise BadInput(field="kind", why="choice")
    if person_id == agent_person_id:
        raise BadInput(field="agent_person_id", why="repeated")
    for one in (person_id, agent_person_id):
        require_unrelated(deed.session, deed.by, one, may.KEEP_MANDATES)
    note = check_ground(ground, ground_note)
    if kind == GUARDIAN:
        _require_minor(deed, person_id, agent_person_id)
        deeds, last_on = MANDATE_DEEDS, None
    else:
        last_on = check_until(until_on, today=local_day(deed.now))
    values = {"kind": kind, "deeds": written_deeds(deeds), "until_on": last_on}
    values |= {"ground": ground, "ground_note": note}
    return _insert(deed, person_id, agent_person_id, values)


@action("confirm_mandate")
def confirm_mandate(deed: Deed, *, mandate_id: int) -> MandateWritten:
    """Confirm a mandate as the second member of staff, who has looked at the paper or asked.

    **Refuses**: ``NotAllowed``; ``SamePerson``; ``NotFound``; ``WrongState`` the next day or a
    second time.
    """
    may.KEEP_MANDATES.require_everywhere(deed.by)
    row = take_asked(deed, mandate, mandate_id)
    for one in (row.person_id, row.agent_person_id):
        require_unrelated(deed.session, deed.by, one, may.KEEP_MANDATES)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    if row.confirmed_at is not None or row.ended_at is not None or row.until_at <= deed.now:
        raise WrongState(kind="mandate", state="over")
    _write(deed, row, confirmed_at=deed.now, confirmed_by_person_id=deed.by.person_id)
    audit(deed, name="confirm_mandate", subject_kind="person", subject_id=row.person_id,
          facts={"mandate_id": row.id, "agent_person_id": row.agent_person_id})  # fmt: skip
    return MandateWritten(mandate_id, "held")


@action("give_mandate")
def give_mandate(
    deed: Deed, *, agent_card_no: str, deeds: tuple[str, ...], until_on: date
) -> MandateWritten:
    """Let the holder of a card act for oneself, at once and until a day.

    **Refuses**: ``NotAllowed`` to a minor and to nobody; ``CardUnknown``, ``CardRevoked``;
    ``BadInput``; ``WrongState``.
    """
    own_id = deed.by.person_id
    if own_id is None:
        raise NotAllowed(deed="give_mandate")
    own = person_brief(deed.session, deed.community_id, own_id)
    if own.age_group_on(local_day(deed.now)) in MINOR_GROUPS:
        raise NotAllowed(deed="give_mandate", why="minor")
    holder = card_holder(deed.session, deed.community_id, agent_card_no)
    if holder is None:
        raise CardUnknown()
    if holder.revoked:
        raise CardRevoked()
    if holder.person_id == own_id:
        raise BadInput(field="agent_card_no", why="repeated")
    values: dict[str, Any] = {
        "kind": MANDATE, "deeds": written_deeds(deeds), "ground": SELF_GIVEN, "ground_note": "",
        "until_on": check_until(until_on, today=local_day(deed.now)),
        "confirmed_at": deed.now, "confirmed_by_person_id": own_id,
    }  # fmt: skip
    return _insert(deed, own_id, holder.person_id, values)


@action("end_mandate")
def end_mandate(deed: Deed, *, mandate_id: int, reason: str) -> MandateWritten:
    """End a mandate at once: the person, the agent, or staff who are close to neither.

    **Refuses**: ``NotFound``; ``NotAllowed``; ``WrongState`` if it has ended; ``BadInput``.
    """
    row = take_asked(deed, mandate, mandate_id)
    is_either = deed.by.person_id in (row.person_id, row.agent_person_id)
    if not is_either:
        may.KEEP_MANDATES.require_everywhere(deed.by)
        for one in (row.person_id, row.agent_person_id):
            require_unrelated(deed.session, deed.by, one, may.KEEP_MANDATES)
    if row.ended_at is not None:
        raise WrongState(kind="mandate", state="ended")
    why = reason.strip()[:200] if is_either else check_reason(reason)[:200]
    values = {"ended_by_person_id": deed.by.person_id, "end_reason": why}
    _write(deed, row, ended_at=deed.now, **values)
    audit(deed, name="end_mandate", subject_kind="person", subject_id=row.person_id,
          facts={"mandate_id": row.id, "agent_person_id": row.agent_person_id})  # fmt: skip
    return MandateWritten(mandate_id, "ended")


def record_use(
    deed: Deed, mandate_id: int, what: str, *, subject_kind: str, subject_id: int
) -> None:
    """Write down that an agent did something, within the deed itself."""
    row = {
        "community_id": deed.community_id, "id": new_id(), "mandate_id": mandate_id,
        "deed": what, "subject_kind": subject_kind, "subject_id": subject_id,
        "channel": deed.by.channel, "recorded_by": deed.by.client, "used_at": deed.now,
    }  # fmt: skip
    deed.session.execute(insert(mandate_use), row)
    audit(deed, name="use_mandate", subject_kind=subject_kind, subject_id=subject_id,
          facts={"mandate_id": mandate_id, "deed": what})  # fmt: skip


def _require_minor(deed: Deed, person_id: int, agent_id: int) -> None:
    """**Refuses**: ``BadInput`` unless a grown-up is to be the guardian of a minor."""
    today = local_day(deed.now)
    if person_brief(deed.session, deed.community_id, person_id).age_group_on(today) not in (
        MINOR_GROUPS
    ):
        raise BadInput(field="kind", why="of_age")
    if person_brief(deed.session, deed.community_id, agent_id).age_group_on(today) in MINOR_GROUPS:
        raise BadInput(field="agent_person_id", why="minor")


def _insert(deed: Deed, person_id: int, agent_id: int, values: dict[str, Any]) -> MandateWritten:
    lock_people(deed.session, deed.community_id, (person_id, agent_id))
    today = local_day(deed.now)
    whose = person_brief(deed.session, deed.community_id, person_id)
    for one in mandates_of(deed.session, deed.community_id, person_id):
        is_same = one.agent_person_id == agent_id and one.kind == values["kind"]
        is_waiting = one.done_at is None and one.ended_at is None and one.until_at > deed.now
        if is_same and (is_waiting or one.is_in_force(whose, today)):
            raise WrongState(kind="mandate", state="held")
    mandate_id = new_id()
    row = {
        "community_id": deed.community_id, "id": mandate_id, "person_id": person_id,
        "agent_person_id": agent_id, "from_on": today, "asked_by_person_id": deed.by.person_id,
        "asked_at": deed.now, "until_at": evening_of(deed.now), **values,
    }  # fmt: skip
    deed.session.execute(insert(mandate), row)
    is_own = values["ground"] == SELF_GIVEN
    audit(deed, name="give_mandate" if is_own else "ask_mandate", subject_kind="person",
          subject_id=person_id,
          facts={"mandate_id": mandate_id, "agent_person_id": agent_id})  # fmt: skip
    return MandateWritten(mandate_id, "held" if is_own else "waiting")


def _write(deed: Deed, row: Any, **values: Any) -> None:
    deed.session.execute(
        update(mandate)
        .where(mandate.c.community_id == deed.community_id, mandate.c.id == row.id)
        .values(**values)
    )
