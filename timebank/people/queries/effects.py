"""For whom a change of the rules about people, papers and sign-in changes something."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from timebank.people.queries.users import StaffMember, staff
from timebank.people.rules.visits import FACTOR_ROLES, FACTOR_ROLES_KEY
from timebank.people.tables import paper_picture, proof, second_factor
from timebank.policy.rules import Parameters
from timebank.policy.rules.effects import Affected, Effect, ParameterChange, effect, told

_LAST_ON = func.coalesce(proof.c.ended_on, proof.c.valid_until_on)
_PAPERS = select(func.count()).where(
    proof.c.community_id == bindparam("of_community"), bindparam("on") <= _LAST_ON
)
_PICTURES = (
    select(func.count())
    .select_from(paper_picture)
    .join(
        proof,
        and_(
            proof.c.community_id == paper_picture.c.community_id,
            proof.c.id == paper_picture.c.proof_id,
        ),
    )
    .where(paper_picture.c.community_id == bindparam("of_community"), bindparam("on") > _LAST_ON)
)
_FACTORS = select(second_factor.c.user_id).where(
    second_factor.c.community_id == bindparam("of_community"),
    second_factor.c.confirmed_at.is_not(None),
)


def factor_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Staff who have to set up the second step, and staff who sign in without it from then on."""
    before, after = (_factor_roles(rows) for rows in (change.before, change.after))
    members = staff(session, community_id, now=change.now)
    ready = set(session.scalars(_FACTORS, {"of_community": community_id}))
    old, new = ({one.user_id for one in members if one.role in roles} for roles in (before, after))
    return told(
        effect("second_step", _people(members, new - old - ready)),
        effect("no_second_step", _people(members, old - new)),
    )


def _factor_roles(rows: Parameters) -> set[str]:
    return set(rows.codes(FACTOR_ROLES_KEY) if FACTOR_ROLES_KEY in rows.rows else FACTOR_ROLES)


def _people(members: Iterable[StaffMember], user_ids: set[int]) -> list[Affected]:
    found = dict.fromkeys(one.person_id for one in members if one.user_id in user_ids)
    return [Affected(person_id=person_id) for person_id in found]


def opening_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Staff who may open sealed data less often a day, or more often."""
    before, after = (rows.counts(change.key) for rows in (change.before, change.after))
    most: dict[int, tuple[int, int]] = {}
    for one in staff(session, community_id, now=change.now):
        old, new = most.get(one.person_id, (0, 0))
        most[one.person_id] = max(old, before.get(one.role, 0)), max(new, after.get(one.role, 0))
    moved = [Affected(person_id=who, before=old, after=new) for who, (old, new) in most.items()]
    return told(
        effect("opens_less", (one for one in moved if (one.after or 0) < (one.before or 0))),
        effect("opens_more", (one for one in moved if (one.after or 0) > (one.before or 0))),
    )


def kept_papers(session: Session, community_id: int, change: ParameterChange) -> tuple[Effect, ...]:
    """Papers that are on record keep their last day."""
    count = session.scalar(_PAPERS, {"of_community": community_id, "on": change.on}) or 0
    return told(Effect("papers_keep", count))


def picture_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Pictures of ended papers that are removed earlier, or stay longer."""
    before, after = (
        _removed(session, community_id, change.on - timedelta(days=rows.whole(change.key)))
        for rows in (change.before, change.after)
    )
    return told(
        Effect("pictures_go", max(after - before, 0)),
        Effect("pictures_stay", max(before - after, 0)),
    )


def _removed(session: Session, community_id: int, before_on: date) -> int:
    asked: dict[str, Any] = {"of_community": community_id, "on": before_on}
    return session.scalar(_PICTURES, asked) or 0


EFFECTS = {
    FACTOR_ROLES_KEY: factor_effects,
    "people.openings_max": opening_effects,
    "people.paper_months_max": kept_papers,
    "people.paper_ahead_days": kept_papers,
    "people.picture_days": picture_effects,
}
