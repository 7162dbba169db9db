"""What a change of the rules of goods changes: lots on the shelf, and gifts that are announced."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from timebank.goods.queries.catalogue import items
from timebank.goods.queries.on_hand import lots_on_hand
from timebank.goods.rules import is_near_expiry
from timebank.goods.tables import IS_ANNOUNCED, deposit
from timebank.policy.rules.effects import Effect, ParameterChange, told

_ANNOUNCED = select(func.count()).where(
    deposit.c.community_id == bindparam("of_community"), IS_ANNOUNCED
)


def near_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Lots on the shelf that are near expiry by the new table only, or by the old one only."""
    life = {item.id: item.shelf_life_days for item in items(session, community_id)}
    lots = lots_on_hand(session, community_id, now=change.now)
    near = [
        {
            lot.id
            for lot in lots
            if is_near_expiry(
                lot.best_before_on, on=change.on, shelf_life_days=life[lot.item_id],
                parameters=rows,
            )
        }
        for rows in (change.before, change.after)
    ]  # fmt: skip
    old, new = near
    return told(Effect("lots_near", len(new - old)), Effect("lots_not_near", len(old - new)))


def _announced(session: Session, community_id: int) -> int:
    return session.scalar(_ANNOUNCED, {"of_community": community_id}) or 0


def judged_effects(
    session: Session, community_id: int, change: ParameterChange
) -> tuple[Effect, ...]:
    """Announced gifts: each is judged by the rules of the day on which it is brought."""
    return told(Effect("gifts_judged", _announced(session, community_id)))


def kept_gifts(session: Session, community_id: int, change: ParameterChange) -> tuple[Effect, ...]:
    """Announced gifts keep their last day."""
    return told(Effect("gifts_keep", _announced(session, community_id)))


EFFECTS = {
    "goods.near_expiry": near_effects,
    "goods.food_days_left_min": judged_effects,
    "goods.refused_kinds": judged_effects,
    "goods.condition_percents": judged_effects,
    "goods.acceptance": judged_effects,
    "goods.pre_deposit_days": kept_gifts,
}
