"""Who is close to whom: people of one household, and recorded relatives with theirs.

People of one household count as one, so a relation of one of them is a relation of all.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from timebank.db import Instant, among, utc_now
from timebank.errors import NotFound
from timebank.people.queries.briefs import PersonBrief, briefs
from timebank.people.rules.relations import FORMER_DAYS, Kin
from timebank.people.tables import home_change, mandate, person, relation
from timebank.values import By, local_day

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class _Whose:
    """Somebody in a statement: as values, or as parameters of one that is built once."""

    community_id: Any
    person_id: Any
    household_id: Any

    def is_mine(self, whose: FromClause) -> ColumnElement[bool]:
        """Match the person, with all their records, and everybody of their household."""
        return and_(
            whose.c.community_id == self.community_id,
            or_(
                whose.c.id == self.person_id,
                whose.c.merged_into_id == self.person_id,
                whose.c.household_id == self.household_id,
            ),
        )


_PERSON = bindparam("of_person", type_=BigInteger)
_WHOSE = _Whose(
    bindparam("of_community", type_=BigInteger),
    _PERSON,
    bindparam("of_household", type_=BigInteger),
)
_MINE, _THEIRS, _THERE = person.alias("mine"), person.alias("theirs"), person.alias("there")
_PAIR = (relation.c.person_id, relation.c.other_person_id)


def _is(whose: FromClause, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(whose.c.community_id == relation.c.community_id, whose.c.id == person_id)


def _relatives(whose: _Whose, *columns: ColumnElement[Any]) -> list[Select[Any]]:
    """Select something of ``theirs``, the recorded relatives, from both sides of the pair."""
    return [
        select(*columns)
        .select_from(relation)
        .join(_MINE, _is(_MINE, own))
        .join(_THEIRS, _is(_THEIRS, other))
        .where(relation.c.ended_at.is_(None), whose.is_mine(_MINE))
        for own, other in (_PAIR, _PAIR[::-1])
    ]


def _kin(whose: _Whose) -> CompoundSelect[Any]:
    """The person and their household; the relatives; who lives with the relatives."""
    housed = and_(
        _THERE.c.community_id == _THEIRS.c.community_id,
        _THERE.c.household_id == _THEIRS.c.household_id,
    )
    there = [one.join(_THERE, housed) for one in _relatives(whose, _THERE.c.id)]
    own = select(person.c.id).where(whose.is_mine(person))
    kept = _relatives(whose, func.coalesce(_THEIRS.c.merged_into_id, _THEIRS.c.id))
    return union(own, *_relatives(whose, _THEIRS.c.id), *kept, *there)


KIN_IDS = _kin(_WHOSE)  # The same as ``kin_of`` for a statement that is built once.


def _of(by: By) -> _Whose:
    return _Whose(by.community_id, by.person_id or _NOBODY, by.household_id or _NOBODY)


def kin_of(by: By) -> CompoundSelect[Any]:
    """The ids of a person, their household and their relatives, whose cases they never decide."""
    return _kin(_of(by))


def kin_homes_of(by: By) -> CompoundSelect[Any]:
    """The ids of the households of a person and of their relatives."""
    whose = _of(by)
    own = select(func.coalesce(person.c.household_id, _NOBODY)).where(whose.is_mine(person))
    return union(own, *_relatives(whose, func.coalesce(_THEIRS.c.household_id, _NOBODY)))


def not_of_kin(by: By, *, person_id: Any = None, household_id: Any = None) -> ColumnElement[bool]:
    """Match rows of which neither the person nor the household is close; NULL is nobody's."""
    parts = []
    if person_id is not None:
        parts.append(func.coalesce(person_id, 0).not_in(kin_of(by)))
    if household_id is not None:
        parts.append(func.coalesce(household_id, 0).not_in(kin_homes_of(by)))
    return and_(*parts)


# A sign-in may have been read without the household.
_HOME = (
    select(person.c.household_id)
    .where(person.c.community_id == _WHOSE.community_id, person.c.id == _PERSON)
    .scalar_subquery()
)
_KIN: Any = union(
    select(
        person.c.id, person.c.household_id,
        func.coalesce(person.c.merged_into_id, person.c.id).label("kept_id"),
    ).where(
        person.c.community_id == _WHOSE.community_id,
        or_(person.c.id == _PERSON, person.c.merged_into_id == _PERSON),
    ),
    *_relatives(
        replace(_WHOSE, household_id=func.coalesce(_WHOSE.household_id, _HOME)),
        _THEIRS.c.id,
        _THEIRS.c.household_id,
        func.coalesce(_THEIRS.c.merged_into_id, _THEIRS.c.id).label("kept_id"),
    ),
)  # fmt: skip


# Who left a household in which the person lives, and which households the person left.
_LEFT = (
    select(
        home_change.c.person_id,
        home_change.c.from_household_id,
        person.c.household_id,
    )
    .join(
        person,
        and_(
            person.c.community_id == home_change.c.community_id,
            person.c.id == home_change.c.person_id,
        ),
    )
    .where(
        home_change.c.community_id == bindparam("of_community"),
        home_change.c.from_household_id.is_not(None),
        home_change.c.recorded_at > bindparam("since", type_=Instant),
        or_(
            among(home_change.c.person_id, "own_ids"),
            among(home_change.c.from_household_id, "home_ids"),
        ),
    )
)


def _former(
    session: Session, by: By, own: Collection[int], homes: Collection[int], now: datetime
) -> tuple[frozenset[int], frozenset[int]]:
    """Who shared a household with somebody until lately, and the households that this concerns."""
    asked = {
        "of_community": by.community_id, "own_ids": sorted(own), "home_ids": sorted(homes),
        "since": now - timedelta(days=FORMER_DAYS),
    }  # fmt: skip
    rows = session.execute(_LEFT, asked).all()
    left = {row.from_household_id for row in rows if row.person_id in own}
    others = [row for row in rows if row.person_id not in own]
    theirs = {row.household_id for row in others if row.household_id is not None}
    return frozenset(row.person_id for row in others), frozenset(left | theirs)


_ACTS = [
    select(theirs.label("id"), person.c.household_id)
    .join(
        person, and_(person.c.community_id == mandate.c.community_id, person.c.id == theirs)
    )
    .where(
        mandate.c.community_id == bindparam("of_community"),
        among(mine, "own_ids"),
        mandate.c.confirmed_at.is_not(None),
        mandate.c.ended_at.is_(None),
        or_(mandate.c.until_on.is_(None), mandate.c.until_on >= bindparam("today", type_=Date)),
    )
    for mine, theirs in (
        (mandate.c.person_id, mandate.c.agent_person_id),
        (mandate.c.agent_person_id, mandate.c.person_id),
    )
]  # fmt: skip
_ACTING = union(*_ACTS)


def _acting(session: Session, by: By, own: Collection[int], now: datetime) -> list[Any]:
    """For whom somebody acts, and who acts for them: as close as a relative."""
    asked = {"of_community": by.community_id, "own_ids": sorted(own), "today": local_day(now)}
    return list(session.execute(_ACTING, asked))


def kin_now(session: Session, by: By, *, now: datetime | None = None) -> Kin:
    """Who is close to somebody, also from the household that they shared until lately."""
    asked = {
        "of_community": by.community_id,
        "of_person": by.person_id or _NOBODY,
        "of_household": by.household_id,
    }
    rows = session.execute(_KIN, asked).all()
    mine = [row for row in rows if row.kept_id == by.person_id]
    own = {by.household_id, *(row.household_id for row in mine)}
    relatives = [row for row in rows if row.kept_id != by.person_id]
    own_homes = {one for one in own if one is not None}
    own_ids = {row.id for row in mine}
    at = now or utc_now()
    housemates, former = _former(session, by, own_ids, own_homes, at)
    acting = _acting(session, by, own_ids, at)
    return Kin(
        person_id=by.person_id,
        record_ids=frozenset(own_ids),
        homes=former | own_homes,
        housemate_ids=housemates,
        relative_ids=frozenset(
            {one for row in relatives for one in (row.id, row.kept_id)} | {one.id for one in acting}
        ),
        relative_homes=frozenset(
            row.household_id for row in (*relatives, *acting) if row.household_id is not None
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Two people who are relatives, or were; names of staff are whole."""

    id: int
    person_id: int
    other_person_id: int
    kind: str
    from_on: date
    entered_at: datetime
    entered_by: str
    ended_at: datetime | None
    ended_by: str

    def other_than(self, person_ids: Collection[int]) -> int:
        """The one of the two who is not among these people; the second one if both are."""
        return self.person_id if self.other_person_id in person_ids else self.other_person_id


_ENTERER, _ENDER = person.alias("enterer"), person.alias("ender")
_RELATIONS = (
    select(
        *(relation.c[name] for name in ("id", "person_id", "other_person_id", "kind", "from_on")),
        relation.c.entered_at,
        func.coalesce(_ENTERER.c.name, "").label("entered_by"),
        relation.c.ended_at,
        func.coalesce(_ENDER.c.name, "").label("ended_by"),
    )
    .outerjoin(
        _ENTERER,
        and_(
            _ENTERER.c.community_id == relation.c.community_id,
            _ENTERER.c.id == relation.c.entered_by_person_id,
        ),
    )
    .outerjoin(
        _ENDER,
        and_(
            _ENDER.c.community_id == relation.c.community_id,
            _ENDER.c.id == relation.c.ended_by_person_id,
        ),
    )
    .where(relation.c.community_id == bindparam("of_community"))
    .order_by(relation.c.ended_at.is_not(None), relation.c.entered_at, relation.c.id)
)
_RELATIONS_OF = _RELATIONS.where(
    or_(among(relation.c.person_id, "person_ids"), among(relation.c.other_person_id, "person_ids"))
)
_RELATION = _RELATIONS.where(relation.c.id == bindparam("relation_id"))


def relations_of(
    session: Session, community_id: int, person_ids: Collection[int]
) -> list[tuple[Relation, PersonBrief]]:
    """The relatives of some people, each with their brief: first those who still are."""
    asked = {"of_community": community_id, "person_ids": sorted(set(person_ids))}
    found = [Relation(**row._mapping) for row in session.execute(_RELATIONS_OF, asked)]
    others = {one.id: one.other_than(person_ids) for one in found}
    people = briefs(session, community_id, others.values()) if others else {}
    return [(one, people[others[one.id]]) for one in found]


def relation_named(session: Session, community_id: int, relation_id: int) -> Relation:
    """**Refuses**: ``NotFound``."""
    asked = {"of_community": community_id, "relation_id": relation_id}
    row = session.execute(_RELATION, asked).first()
    if row is None:
        raise NotFound(kind="relation")
    return Relation(**row._mapping)
