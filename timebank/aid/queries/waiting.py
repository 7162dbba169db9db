"""The claims' part of the worklist: reviews to decide, reserved goods to hand over."""

from typing import Any

from sqlalchemy import Select

from timebank.aid import may
from timebank.aid.tables import IS_IN_REVIEW, IS_READY, claim
from timebank.db import NOW, waiting_row
from timebank.goods.queries import stores_kept
from timebank.people.closeness import is_sign_in_of_kin
from timebank.people.queries import not_of_kin
from timebank.values import By


def waiting_reviews(by: By) -> Select[Any] | None:
    """Claims that a person must decide. Left out: those of one's own household, and those
    filed by oneself or a housemate.
    """
    if not may.DECIDE_REVIEW.is_held(by):
        return None
    return waiting_row(
        "review", claim.c.id, since=claim.c.asked_at, person_id=claim.c.person_id,
        number=claim.c.claim_no, count=claim.c.asked_pieces,
    ).where(
        claim.c.community_id == by.community_id,
        IS_IN_REVIEW,
        not_of_kin(by, household_id=claim.c.household_id),
        ~is_sign_in_of_kin(by, claim.c.asked_by),
    )  # fmt: skip


def waiting_pickups(by: By) -> Select[Any] | None:
    """Claims reserved at a keeper's store at ``NOW``, and until when; in pieces."""
    own_stores = stores_kept(by, may.SERVE_COUNTER)
    if own_stores is None:
        return None
    return waiting_row(
        "pickup", claim.c.id, since=claim.c.asked_at, until=claim.c.hold_until_at,
        person_id=claim.c.person_id, number=claim.c.claim_no, count=claim.c.held_pieces,
    ).where(
        claim.c.community_id == by.community_id,
        IS_READY,
        claim.c.hold_until_at > NOW,
        not_of_kin(by, household_id=claim.c.household_id),
        claim.c.store_id.in_(own_stores),
    )  # fmt: skip
