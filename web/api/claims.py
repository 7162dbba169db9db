"""What my household may take, filing a claim, and the results of claims."""

from typing import Any

from flask import url_for

from timebank.aid import queries
from timebank.aid.actions import ClaimReceipt, claim_goods
from timebank.aid.rules import REFUSED, ClaimLine
from timebank.errors import NotFound
from timebank.goods.queries import store
from web import units
from web.api.blueprint import DEED, PRIVATE, REPLAYED, blueprint
from web.api.deeds import deed, refused, replay_headers
from web.api.guards import asking, by_token, by_token_or_visit, own_household_id
from web.api.reading import id_in_path
from web.api.schemas.aid import Claim, ClaimAsked, ClaimFiled, ClaimRefused, Claims, MayTake
from web.api.schemas.common import Newest, OfStore, cut, id_shape
from web.api.telling import fields_of, reason, reason_of


@blueprint.route("/me/may-take")
@by_token_or_visit
@blueprint.doc(**PRIVATE, operationId="readMayTake")
@blueprint.arguments(OfStore, location="query")
@blueprint.response(200, MayTake)
def may_take(content: dict[str, Any]) -> dict[str, Any]:
    """What my household may take today

    Every item with the pieces that a claim would get now, or why none. Nothing is reserved.
    """
    household_id, community_id, now = own_household_id(), units.community_id(), units.now()
    with units.reading() as session:
        if content["store_id"] is not None:
            store(session, community_id, content["store_id"])
        rows = queries.may_take(
            session, community_id, household_id, now, store_id=content["store_id"]
        )
        quota = queries.quota(session, community_id, household_id, now)
    why = rows[0].reasons if rows else ()
    return {
        "as_of_at": now,
        "quota": quota,
        "reasons": [reason(cause.code, cause.facts) for cause in why],
        "items": rows,
    }


@blueprint.route("/me/claims", methods=["POST"])
@by_token
@blueprint.doc(**DEED, operationId="fileClaim")
@blueprint.arguments(ClaimAsked)
@blueprint.response(201, ClaimFiled, headers=REPLAYED)
@blueprint.alt_response(
    409, schema=ClaimRefused, content_type="application/problem+json",
    description="The rules say no; the claim is filed with its decision.",
)  # fmt: skip
def file_claim(content: dict[str, Any]) -> Any:
    """Claim goods for my household

    What is approved, all or part, is reserved at the store for pick-up. If a person must decide,
    the state is *review*. If the rules refuse it, the answer is a problem that contains the filed
    claim with its decision; the household can ask for a review. With ``confirmed`` nobody gets
    less than they agreed to: the problem ``NOT_CONFIRMED`` says what could be given.
    """
    household_id = own_household_id()
    agreed = _lines(content["confirmed"]) if "confirmed" in content else None
    answered = deed(
        claim_goods,
        household_id=household_id,
        person_id=asking().person_id,
        store_id=content["store_id"],
        lines=_lines(content["lines"]),
        **({} if agreed is None else {"confirmed": agreed}),
    )
    if answered.refusal is not None:
        return refused(answered.refusal, answered)
    receipt = answered.result()
    filed = fields_of(receipt) | {"refusal": reason_of(receipt.refusal)}
    if receipt.state == REFUSED and receipt.refusal is not None:
        return refused(receipt.refusal.error(), answered, claim=ClaimFiled().dump(filed))
    return filed, 201, {**replay_headers(answered), "Location": _address(receipt)}


def _lines(lines: list[dict[str, int]]) -> tuple[ClaimLine, ...]:
    return tuple(ClaimLine(**line) for line in lines)


def _address(receipt: ClaimReceipt) -> str:
    return url_for("api.claim", claim_id=receipt.claim_id)


@blueprint.route("/me/claims")
@by_token_or_visit
@blueprint.doc(**PRIVATE, operationId="listClaims")
@blueprint.arguments(Newest, location="query")
@blueprint.response(200, Claims)
def claims(content: dict[str, Any]) -> dict[str, Any]:
    """The claims of my household"""
    household_id = own_household_id()
    with units.reading() as session:
        found = queries.claims_of_household(
            session, units.community_id(), household_id,
            limit=content["limit"] + 1, before=Newest.cursor(content),
        )  # fmt: skip
    shown, next_before = cut(found, content["limit"])
    return {"claims": [_told(shown_claim) for shown_claim in shown], "next_before": next_before}


@blueprint.route("/me/claims/<claim_id>", parameters=[id_shape("claim_id")])
@by_token_or_visit
@blueprint.doc(**PRIVATE, operationId="readClaim")
@blueprint.response(200, Claim)
def claim(claim_id: str) -> dict[str, Any]:
    """One claim of my household in its current state"""
    household_id = own_household_id()
    with units.reading() as session:
        found = queries.claim(session, units.community_id(), id_in_path(claim_id, "claim"))
    if found.household_id != household_id:
        raise NotFound(kind="claim")
    return _told(found)


def _told(found: queries.Claim) -> dict[str, Any]:
    return fields_of(found) | {"refusal": reason_of(found.refusal)}
