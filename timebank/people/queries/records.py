"""The history of a household: who lived there on a day, what changed, and who agreed to what.

Everything is read from the changes backwards: what nobody changed since is as it stands now.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.errors import NotFound
from timebank.people.rules import read_household_no
from timebank.people.rules.names import mask_name
from timebank.people.tables import consent, detail_change, home_change, household, person, place
from timebank.vault.cipher import vault_to_open

GIVEN = "given"


@dataclass(frozen=True, slots=True)
class MemberThen:
    """Somebody of a household as they were known at a moment."""

    id: int
    name: str
    masked_name: str
    relation: str


@dataclass(frozen=True, slots=True)
class HouseholdThen:
    """A household as it was known at a moment: its building and its members."""

    household_id: int
    building_no: int
    members: tuple[MemberThen, ...]


@dataclass(frozen=True, slots=True)
class HomeChange:
    """Somebody left a household or came into it."""

    person_id: int
    name: str
    masked_name: str
    from_household_id: int | None
    to_household_id: int | None
    why: str
    happened_on: date
    note: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class DetailChange:
    """One detail was changed; the values themselves are opened nowhere but in the old household."""

    person_id: int | None
    name: str
    masked_name: str
    detail: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """What a household's page says of a member besides their brief."""

    relation: str | None
    language: str | None
    has_document: bool
    has_phone: bool
    away_since_on: date | None
    away_why: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that holds: which version, since when, and who said yes."""

    kind: str
    version: int
    since_at: datetime
    said_by_person_id: int


_MEMBERS = select(
    person.c.id, person.c.relation_to_head, person.c.language, person.c.id_no_digest,
    person.c.phone_digest, person.c.away_since_on, person.c.away_why,
).where(
    person.c.community_id == bindparam("of_community"), among(person.c.id, "person_ids")
)  # fmt: skip


def member_records(
    session: Session, community_id: int, person_ids: Collection[int]
) -> dict[int, MemberRecord]:
    """What is recorded of these people, without opening anything."""
    asked = {"of_community": community_id, "person_ids": sorted(person_ids)}
    return {
        row.id: MemberRecord(
            relation=row.relation_to_head, language=row.language,
            has_document=row.id_no_digest is not None, has_phone=row.phone_digest is not None,
            away_since_on=row.away_since_on, away_why=row.away_why,
        )
        for row in session.execute(_MEMBERS, asked)
    }  # fmt: skip


_CONSENTS = (
    select(consent)
    .where(consent.c.community_id == bindparam("of_community"), among(consent.c.person_id, "ids"))
    .order_by(consent.c.recorded_at, consent.c.id)
)


def consents_of(
    session: Session, community_id: int, person_ids: Collection[int]
) -> dict[tuple[int, str], Consent]:
    """The consents that hold, by person and kind; a withdrawn one is not among them."""
    holding: dict[tuple[int, str], Consent] = {}
    asked = {"of_community": community_id, "ids": sorted(person_ids)}
    for row in session.execute(_CONSENTS, asked):
        holding.pop((row.person_id, row.kind), None)
        if row.outcome == GIVEN:
            holding[row.person_id, row.kind] = Consent(
                row.kind, row.version, row.recorded_at, row.said_by_person_id
            )
    return holding


def next_household_no(session: Session, community_id: int) -> str:
    """The number after the largest one."""
    numbers = session.scalars(
        select(household.c.household_no).where(household.c.community_id == community_id)
    )
    last = max((int(number.rpartition("-")[2]) for number in numbers), default=0)
    found = read_household_no(str(last + 1), is_bare=True)
    assert found is not None, "a community has fewer than a million households"
    return found


_RECORDER = person.alias("recorder")
_WHO = and_(
    person.c.community_id == bindparam("of_community"), person.c.id == home_change.c.person_id
)
_HOME_CHANGES = (
    select(home_change, person.c.name, _RECORDER.c.name.label("recorded_by"))
    .join(person, _WHO)
    .outerjoin(
        _RECORDER,
        and_(
            _RECORDER.c.community_id == home_change.c.community_id,
            _RECORDER.c.id == home_change.c.recorded_by_person_id,
        ),
    )
    .where(
        home_change.c.community_id == bindparam("of_community"),
        or_(
            home_change.c.from_household_id == bindparam("of_household"),
            home_change.c.to_household_id == bindparam("of_household"),
        ),
    )
    .order_by(home_change.c.recorded_at.desc(), home_change.c.id.desc())
)


def home_changes(session: Session, community_id: int, household_id: int) -> list[HomeChange]:
    """Who came into a household and who left it, the newest first."""
    values = {"of_community": community_id, "of_household": household_id}
    return [
        HomeChange(
            person_id=row.person_id, name=row.name, masked_name=mask_name(row.name),
            from_household_id=row.from_household_id, to_household_id=row.to_household_id,
            why=row.why, happened_on=row.happened_on, note=row.note,
            recorded_at=row.recorded_at, recorded_by=row.recorded_by or "",
        )
        for row in session.execute(_HOME_CHANGES, values)
    ]  # fmt: skip


def former_homes(
    session: Session, community_id: int, person_ids: Collection[int]
) -> list[tuple[int, datetime]]:
    """The households that these people have left, and when that was recorded."""
    rows = session.execute(
        select(home_change.c.from_household_id, home_change.c.recorded_at).where(
            home_change.c.community_id == community_id,
            home_change.c.person_id.in_(person_ids),
            home_change.c.from_household_id.is_not(None),
        )
    )
    return [(row.from_household_id, row.recorded_at) for row in rows]


def detail_changes(
    session: Session, community_id: int, household_id: int, person_ids: Collection[int]
) -> list[DetailChange]:
    """Which details of a household and of these people were changed, the newest first."""
    rows = session.execute(
        select(
            detail_change.c.person_id, detail_change.c.detail, detail_change.c.recorded_at,
            person.c.name, _RECORDER.c.name.label("recorded_by"),
        )
        .outerjoin(
            person,
            and_(
                person.c.community_id == detail_change.c.community_id,
                person.c.id == detail_change.c.person_id,
            ),
        )
        .outerjoin(
            _RECORDER,
            and_(
                _RECORDER.c.community_id == detail_change.c.community_id,
                _RECORDER.c.id == detail_change.c.recorded_by_person_id,
            ),
        )
        .where(
            detail_change.c.community_id == community_id,
            or_(
                detail_change.c.household_id == household_id,
                detail_change.c.person_id.in_(person_ids),
            ),
        )
        .order_by(detail_change.c.recorded_at.desc(), detail_change.c.id.desc())
    )  # fmt: skip
    return [
        DetailChange(
            person_id=row.person_id, name=row.name or "", masked_name=mask_name(row.name or " "),
            detail=row.detail, recorded_at=row.recorded_at, recorded_by=row.recorded_by or "",
        )
        for row in rows
    ]  # fmt: skip


def household_then(
    session: Session, community_id: int, household_id: int, *, at: datetime
) -> HouseholdThen:
    """A household as it was known at a moment. **Refuses**: ``NotFound`` before it was enrolled."""
    home = session.execute(
        select(household.c.building_id, household.c.enrolled_at).where(
            household.c.community_id == community_id, household.c.id == household_id
        )
    ).first()
    if home is None or home.enrolled_at > at:
        raise NotFound(kind="household")
    people = _people_then(session, community_id, household_id, at)
    changed = _details_then(session, community_id, household_id, set(people), at=at)
    building_id = int(changed.get((None, "building"), str(home.building_id)))
    number = session.scalar(
        select(place.c.number).where(
            place.c.community_id == community_id, place.c.id == building_id
        )
    )
    members = []
    for person_id, (name, relation) in sorted(people.items()):
        then = changed.get((person_id, "name"), name)
        how = changed.get((person_id, "relation"), relation)
        members.append(MemberThen(person_id, then, mask_name(then), how))
    return HouseholdThen(household_id, int(number or 0), tuple(members))


def _people_then(
    session: Session, community_id: int, household_id: int, at: datetime
) -> dict[int, tuple[str, str]]:
    """The name and the relation of each member at a moment, by their id."""
    later = (home_change.c.community_id == community_id, home_change.c.recorded_at > at)
    moved = select(home_change.c.person_id).where(
        *later, home_change.c.from_household_id == household_id
    )
    candidates = session.execute(
        select(person.c.id, person.c.name, person.c.household_id, person.c.relation_to_head).where(
            person.c.community_id == community_id,
            person.c.enrolled_at <= at,
            # Since it was merged, a second record of somebody is no member.
            or_(person.c.merged_at.is_(None), person.c.merged_at > at),
            or_(person.c.household_id == household_id, person.c.id.in_(moved)),
        )
    ).all()
    first: dict[int, int | None] = {}
    for row in session.execute(
        select(home_change.c.person_id, home_change.c.from_household_id)
        .where(*later, home_change.c.person_id.in_([row.id for row in candidates]))
        .order_by(home_change.c.recorded_at, home_change.c.id)
    ):
        first.setdefault(row.person_id, row.from_household_id)
    return {
        row.id: (row.name, row.relation_to_head or "")
        for row in candidates
        if first.get(row.id, row.household_id) == household_id
    }


def _details_then(
    session: Session, community_id: int, household_id: int, person_ids: set[int], *, at: datetime
) -> dict[tuple[int | None, str], str]:
    """What was changed after a moment, as it was before the first of these changes."""
    vault = vault_to_open(session)
    rows = session.execute(
        select(detail_change)
        .where(
            detail_change.c.community_id == community_id,
            detail_change.c.recorded_at > at,
            detail_change.c.detail.in_(("name", "relation", "building")),
            or_(
                detail_change.c.household_id == household_id,
                detail_change.c.person_id.in_(person_ids),
            ),
        )
        .order_by(detail_change.c.recorded_at, detail_change.c.id)
    )
    then: dict[tuple[int | None, str], str] = {}
    for row in rows:
        before = row.before_sealed and vault.open(row.before_sealed, "detail_change.before")
        then.setdefault((row.person_id, row.detail), before or "")
    return then
