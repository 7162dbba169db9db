"""Builders of claims: households that may take goods, and what they ask for."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tests.factories import make_by
from tests.factories.goods import Shop, make_shop
from tests.factories.people import (
    Town,
    a_request_id,
    make_household,
    make_proof,
    new_person,
)
from timebank.aid import actions
from timebank.aid.actions import CarriedOver, ClaimReceipt, IssueReceipt
from timebank.aid.rules import ClaimLine
from timebank.deeds.deed import Deed
from timebank.values import By


def make_claimant(
    session: Session,
    town: Town,
    *,
    valid_from_on: date = date(2024, 1, 1),
    valid_until_on: date = date(2025, 12, 31),
    building: int = 0,
) -> By:
    """Somebody whose household has a subsistence paper that is valid on these days."""
    by = make_resident(session, town, building=building)
    assert by.household_id is not None
    make_proof(
        session, town, by.household_id,
        valid_from_on=valid_from_on, valid_until_on=valid_until_on,
    )  # fmt: skip
    return by


def make_resident(session: Session, town: Town, *, building: int = 0) -> By:
    """A resident without a paper."""
    family = make_household(session, town, new_person(), building=building)
    return make_by(
        community_id=town.community_id,
        person_id=family.person_ids[0],
        household_id=family.household_id,
    )


def lines_of(shop: Shop, **pieces: int) -> tuple[ClaimLine, ...]:
    """Write lines by short names: ``lines_of(shop, 大米=3)``."""
    return tuple(ClaimLine(shop.item(name), count) for name, count in pieces.items())


def make_claim(
    session: Session, shop: Shop, by: By, *, now: datetime, acting: By | None = None, **pieces: int
) -> ClaimReceipt:
    """File a claim for one's own household; with ``acting`` somebody else files it."""
    return actions.claim_goods(
        Deed(session, acting or by, now, a_request_id()),
        household_id=by.household_id,
        person_id=by.person_id,
        store_id=shop.store_id,
        lines=lines_of(shop, **pieces),
    )


def take_at_counter(
    session: Session, shop: Shop, by: By, *, now: datetime, **pieces: int
) -> ClaimReceipt:
    """Claim at the counter through the keeper, and take home at once."""
    return actions.issue_at_counter(
        Deed(session, shop.keeper, now, a_request_id()),
        household_id=by.household_id,
        person_id=by.person_id,
        store_id=shop.store_id,
        lines=lines_of(shop, **pieces),
    )


def pick_up(session: Session, shop: Shop, claimed: ClaimReceipt, *, now: datetime) -> IssueReceipt:
    """Hand over reserved goods by their code, as the keeper."""
    return actions.issue_goods(
        Deed(session, shop.keeper, now, a_request_id()),
        claim_id=claimed.claim_id,
        pickup_code=claimed.pickup_code,
    )


def took_before(
    session: Session, town: Town, by: By, *, now: datetime, taken: dict[date, int]
) -> None:
    """Record pieces that a household took before these books began."""
    assert by.household_id is not None
    actions.carry_over_withdrawals(
        Deed(session, town.by, now, a_request_id()),
        withdrawals=tuple(
            CarriedOver(by.household_id, day, pieces, "old card") for day, pieces in taken.items()
        ),
    )


__all__ = [
    "Shop", "lines_of", "make_claim", "make_claimant", "make_resident", "make_shop",
    "pick_up", "take_at_counter", "took_before",
]  # fmt: skip
