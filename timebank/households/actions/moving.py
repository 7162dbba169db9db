"""Move people: into another household, into one of their own, out of the community; or they died.

What the old household took until now counts once for whoever founds a new one, for whoever takes in
all that were left, and for whoever takes in somebody whose own paper opens the shelf. So nobody
gains a share by moving.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from timebank.aid.actions import origins as aid
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.households import may
from timebank.people.actions.enrolment import require_buildings
from timebank.people.actions.homes import (
    Moving,
    homes_locked,
    insert_household,
    keep_pin_wish,
    require_no_roles,
    write_moves,
)
from timebank.people.closeness import Involved, closeness
from timebank.people.queries import former_homes, household, proofs_of_household
from timebank.people.rules import PROOF_KINDS
from timebank.people.rules.records import (
    AWAY_WHYS,
    JOINED,
    MOVE_WHYS,
    MOVED,
    NOTE_MAX,
    SPLIT,
    check_happened,
)
from timebank.people.sight import household_reached, people_reached
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class NewHome:
    """Where a household that splits off lives."""

    building_id: int
    door: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MembersMoved:
    """Where they live now; without a household they live here no more."""

    person_ids: tuple[int, ...]
    household_id: int | None
    household_no: str
    why: str


@action("move_members")
def move_members(
    deed: Deed,
    *,
    person_ids: tuple[int, ...],
    why: str,
    happened_on: date,
    to_household_id: int | None = None,
    new_home: NewHome | None = None,
    note: str = "",
) -> MembersMoved:
    """Move people of one household; who moves in with all the others joins that household.

    **Refuses**: ``NotAllowed``, also for one's own household; ``NotFound``; ``BadInput``;
    ``ClaimsOpen``; ``WrongState`` for somebody who works here, or whom somebody else has moved.
    """
    may.MOVE_MEMBERS.require(deed.by)
    _check(deed, person_ids, why, note=note, targets=(to_household_id, new_home))
    check_happened(happened_on, local_day(deed.now))
    source_id = _source(deed, person_ids, to_household_id, why=why)
    target_id, number = to_household_id, ""
    if target_id is not None:
        number = household_reached(deed.session, deed.by, target_id, may.MOVE_MEMBERS).household_no
    _lock(deed, person_ids, source_id, target_id)
    is_last = is_last_of(deed, person_ids, source_id)
    is_counted = is_last or why == SPLIT or bring_papers(deed, person_ids, source_id)
    _check_state(deed, person_ids, why, source_id=source_id if is_counted else None)
    if why == SPLIT and is_last:
        raise BadInput(field="person_ids", why="whole_household")
    if new_home is not None:
        target_id, number = _found(deed, new_home, person_ids, source_id)
    if target_id is not None and is_counted:
        aid.count_for(deed, target_id, homes_lived_in(deed, person_ids, source_id))
    how = JOINED if why == MOVED and is_last else why
    moving = Moving(to_household_id=target_id, why=how, happened_on=happened_on, note=note.strip())
    write_moves(deed, person_ids, moving)
    audit(
        deed, name="move_members", subject_kind="household", subject_id=source_id or target_id,
        facts={"people": len(person_ids), "why": how, "to": number},
    )  # fmt: skip
    return MembersMoved(person_ids, target_id, number, how)


def _check(
    deed: Deed,
    person_ids: tuple[int, ...],
    why: str,
    *,
    note: str,
    targets: tuple[int | None, NewHome | None],
) -> None:
    to_household_id, new_home = targets
    if why not in MOVE_WHYS or why == JOINED:
        raise BadInput(field="why", why="unknown")
    if not person_ids or len(set(person_ids)) < len(person_ids):
        raise BadInput(field="person_ids", why="needed")
    if (to_household_id is not None) != (why == MOVED):
        raise BadInput(field="household_no", why="needed")
    if (new_home is not None) != (why == SPLIT):
        raise BadInput(field="building_id", why="needed")
    if new_home is not None and not 1 <= len(new_home.door.strip()) <= 80:
        raise BadInput(field="door", why="length")
    if len(note.strip()) > NOTE_MAX:
        raise BadInput(field="note", why="too_long")
    home = Involved(person_ids=person_ids, household_ids=(to_household_id,))
    if closeness(deed.session, deed.by, home) is not None:
        raise NotAllowed(deed="move_members", why="own_household")


def _source(
    deed: Deed, person_ids: tuple[int, ...], target_id: int | None, *, why: str
) -> int | None:
    """The one household in which they live; None for people who came from outside."""
    people = people_reached(deed.session, deed.by, list(person_ids), may.MOVE_MEMBERS)
    homes = {people[person_id].household_id for person_id in person_ids}
    if len(homes) > 1:
        raise BadInput(field="person_ids", why="one_household")
    (source_id,) = homes
    if source_id is None and why in AWAY_WHYS:
        raise BadInput(field="person_ids", why="no_household")
    if source_id is not None and source_id == target_id:
        raise BadInput(field="household_no", why="same_household")
    return source_id


def _lock(
    deed: Deed, person_ids: tuple[int, ...], source_id: int | None, target_id: int | None
) -> None:
    """Lock the households that are touched, then the people, and look where they live now.

    Also those in which the people lived before: a claim there may be on its way.
    """
    left = {home_id for home_id, _ in former_homes(deed.session, deed.community_id, person_ids)}
    touched = {source_id, target_id, *left} - {None}
    aid.lock_homes(deed, {home_id for home_id in touched if home_id is not None})
    homes = homes_locked(deed, person_ids)
    if set(homes.values()) != {source_id}:
        raise WrongState(kind="person", state="moved")


def is_last_of(deed: Deed, person_ids: Collection[int], source_id: int | None) -> bool:
    if source_id is None:
        return False
    members = household(deed.session, deed.community_id, source_id).members
    return {member.id for member in members} <= set(person_ids)


def _check_state(
    deed: Deed, person_ids: tuple[int, ...], why: str, *, source_id: int | None
) -> None:
    """Check that nothing is reserved whose pieces count elsewhere, and that nobody here works."""
    if source_id is not None:
        aid.require_no_open_claims(deed, [source_id])
    if why in AWAY_WHYS:
        require_no_roles(deed, person_ids)


def _found(
    deed: Deed, new_home: NewHome, person_ids: tuple[int, ...], source_id: int | None
) -> tuple[int, str]:
    """Enter the household of those who split off, as well protected and bound as the old one."""
    require_buildings(deed, {new_home.building_id})
    household_id, number = insert_household(
        deed, building_id=new_home.building_id, door=new_home.door.strip()
    )
    aid.lock_homes(deed, [household_id])
    if source_id is not None:
        aid.keep_booking_closed(deed, household_id, [source_id])
        keep_pin_wish(deed, [source_id], to=household_id, person_id=person_ids[0])
    return household_id, number


def homes_lived_in(
    deed: Deed, person_ids: tuple[int, ...], source_id: int | None
) -> list[tuple[int, datetime | None]]:
    """The households on which these people lived: the present one, and those that they left."""
    now: list[tuple[int, datetime | None]] = [(source_id, None)] if source_id is not None else []
    return [*now, *former_homes(deed.session, deed.community_id, person_ids)]


def bring_papers(deed: Deed, person_ids: tuple[int, ...], source_id: int | None) -> bool:
    """Tell whether a paper in the name of one of them opens the shelf wherever they live."""
    if source_id is None:
        return False
    papers = proofs_of_household(deed.session, deed.community_id, source_id)
    return any(
        paper.person_id in person_ids and (paper.kind is None or paper.kind in PROOF_KINDS)
        for paper in papers
    )
