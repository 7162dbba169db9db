"""Write where people live now, and that they lived elsewhere before.

No action stands here: whoever moves people also looks at what their households took, which
``timebank/households`` joins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select, update

from timebank.deeds.deed import Deed
from timebank.errors import WrongState
from timebank.people.actions.cards import lock_people, stop_cards_of
from timebank.people.actions.details import record_detail
from timebank.people.actions.enrolment import draw_household_no
from timebank.people.actions.representatives import end_speaking
from timebank.people.actions.visits import end_visits
from timebank.people.queries.cards import pin_wish_of
from timebank.people.queries.merged import records_of
from timebank.people.rules.records import AWAY_WHYS, HEAD
from timebank.people.tables import (
    app_user,
    home_change,
    household,
    person,
    pin_wish,
    proof,
    staff_role,
)
from timebank.values import new_id
from timebank.vault.cipher import vault_to_seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """Why and when somebody moves; without a household they live here no more."""

    to_household_id: int | None
    why: str
    happened_on: date
    note: str = ""


def insert_household(deed: Deed, *, building_id: int, door: str) -> tuple[int, str]:
    """Insert an empty household under the next number; return its id and number."""
    household_id, number = new_id(), draw_household_no(deed)
    row = {
        "community_id": deed.community_id, "id": household_id, "household_no": number,
        "building_id": building_id,
        "door_sealed": vault_to_seal(deed.session).seal(door, "household.door"),
        "enrolled_at": deed.now,
    }  # fmt: skip
    deed.session.execute(insert(household), row)
    return household_id, number


def homes_locked(deed: Deed, person_ids: tuple[int, ...]) -> dict[int, int | None]:
    """Lock these people; return where each of them lives. **Refuses**: ``NotFound``."""
    lock_people(deed.session, deed.community_id, person_ids)
    rows = deed.session.execute(
        select(person.c.id, person.c.household_id).where(
            person.c.community_id == deed.community_id, person.c.id.in_(person_ids)
        )
    )
    return {row.id: row.household_id for row in rows}


def write_moves(deed: Deed, person_ids: Iterable[int], moving: Moving) -> None:
    """Move people, with the papers in their name, and write down where they come from.

    The first of them heads a new household. Nobody who moves in heads one that is there.
    """
    is_new = moving.to_household_id is not None and not _has_members(deed, moving.to_household_id)
    for number, person_id in enumerate(person_ids):
        relation = None if moving.to_household_id is None else "other"
        _move(deed, person_id, moving, relation=HEAD if is_new and number == 0 else relation)


def _has_members(deed: Deed, household_id: int) -> bool:
    members = select(person.c.id).where(
        person.c.community_id == deed.community_id,
        person.c.household_id == household_id,
        person.c.merged_into_id.is_(None),
    )
    return deed.session.scalar(members.limit(1)) is not None


def _move(deed: Deed, person_id: int, moving: Moving, *, relation: str | None) -> None:
    of_person = (person.c.community_id == deed.community_id, person.c.id == person_id)
    row = deed.session.execute(
        select(person.c.household_id, person.c.relation_to_head).where(*of_person)
    ).one()
    is_away = moving.why in AWAY_WHYS
    deed.session.execute(
        update(person).where(*of_person).values(
            household_id=moving.to_household_id, relation_to_head=relation,
            away_since_on=moving.happened_on if is_away else None,
            away_why=moving.why if is_away else None,
        )
    )  # fmt: skip
    # The other records of somebody who was entered twice live where they live.
    deed.session.execute(
        update(person)
        .where(person.c.community_id == deed.community_id, person.c.merged_into_id == person_id)
        .values(household_id=moving.to_household_id)
    )
    if relation != row.relation_to_head:
        record_detail(
            deed, "relation", row.relation_to_head or "", relation or "",
            vault=vault_to_seal(deed.session), person_id=person_id,
        )  # fmt: skip
    deed.session.execute(insert(home_change), _change(deed, person_id, row, moving))
    if moving.to_household_id is not None:
        take_papers(deed, person_id, moving.to_household_id)
    if is_away:
        _close_access(deed, person_id)


def _change(deed: Deed, person_id: int, row: Any, moving: Moving) -> dict[str, Any]:
    return {
        "community_id": deed.community_id, "id": new_id(), "person_id": person_id,
        "from_household_id": row.household_id, "to_household_id": moving.to_household_id,
        "why": moving.why, "happened_on": moving.happened_on, "note": moving.note,
        "recorded_at": deed.now, "recorded_by_person_id": deed.by.person_id,
    }  # fmt: skip


def take_papers(deed: Deed, person_id: int, household_id: int) -> None:
    """The papers in the name of somebody follow them; those of the whole household stay."""
    deed.session.execute(
        update(proof)
        .where(proof.c.community_id == deed.community_id, proof.c.person_id == person_id)
        .values(household_id=household_id)
    )


def _close_access(deed: Deed, person_id: int) -> None:
    """Stop the cards and the sign-in of somebody who lives here no more."""
    stop_cards_of(deed, person_id, "left")
    deed.session.execute(
        update(app_user)
        .where(
            app_user.c.community_id == deed.community_id,
            app_user.c.person_id.in_(records_of(deed.community_id, [person_id])),
            app_user.c.closed_at.is_(None),
        )
        .values(closed_at=deed.now)
    )
    end_speaking(deed, person_id)
    end_visits(deed, why="closed", person_id=person_id)


def require_no_roles(deed: Deed, person_ids: Iterable[int]) -> None:
    """Check that nobody of them works here. **Refuses**: ``WrongState``: end their roles first."""
    working = (
        select(app_user.c.person_id)
        .join(
            staff_role,
            (staff_role.c.community_id == app_user.c.community_id)
            & (staff_role.c.user_id == app_user.c.id),
        )
        .where(
            app_user.c.community_id == deed.community_id,
            app_user.c.person_id.in_(records_of(deed.community_id, list(person_ids))),
            staff_role.c.ended_at.is_(None),
            or_(staff_role.c.until_at.is_(None), staff_role.c.until_at > deed.now),
        )
    )
    if deed.session.scalar(working.limit(1)) is not None:
        raise WrongState(kind="user", state="has_roles")


def write_pin_wish(deed: Deed, household_id: int, person_id: int) -> None:
    """Let the cards of a new household ask for the PIN; they open nothing before it is set."""
    deed.session.execute(
        insert(pin_wish).values(
            community_id=deed.community_id,
            id=new_id(),
            household_id=household_id,
            person_id=person_id,
            entered_by=deed.by.user_id,
            asked_at=deed.now,
        )
    )


def keep_pin_wish(deed: Deed, household_ids: Iterable[int], *, to: int, person_id: int) -> None:
    """Whoever splits off keeps the protection that their household asked for."""
    if any(
        pin_wish_of(deed.session, deed.community_id, household_id) for household_id in household_ids
    ):
        write_pin_wish(deed, to, person_id)
