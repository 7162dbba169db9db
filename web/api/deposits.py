"""Announce what I will bring, and see what became of it."""

from typing import Any

from timebank.goods.actions import announce_deposit
from timebank.goods.queries import deposits_of_person
from timebank.goods.rules import AnnouncedLine
from web import units
from web.api.blueprint import DEED, PRIVATE, REPLAYED, blueprint
from web.api.deeds import deed, refused, replay_headers
from web.api.guards import by_token, by_token_or_visit, own_person_id
from web.api.schemas.common import Newest, cut
from web.api.schemas.goods import DepositAnnounced, DepositAsked, Deposits


@blueprint.route("/me/deposits", methods=["POST"])
@by_token
@blueprint.doc(**DEED, operationId="announceDeposit")
@blueprint.arguments(DepositAsked)
@blueprint.response(201, DepositAnnounced, headers=REPLAYED)
def announce(content: dict[str, Any]) -> Any:
    """Announce what I will bring

    Goods become stock only when a keeper has judged them piece by piece at the counter.
    """
    person_id = own_person_id()
    answered = deed(
        announce_deposit,
        donor_person_id=person_id,
        lines=tuple(AnnouncedLine(**line) for line in content.pop("lines")),
        **content,
    )
    if answered.refusal is not None:
        return refused(answered.refusal, answered)
    return answered.result(), 201, replay_headers(answered)


@blueprint.route("/me/deposits")
@by_token_or_visit
@blueprint.doc(**PRIVATE, operationId="listDeposits")
@blueprint.arguments(Newest, location="query")
@blueprint.response(200, Deposits)
def deposits(content: dict[str, Any]) -> dict[str, Any]:
    """My deposits, announced and received

    Shows where the pieces are now, never who received them.
    """
    person_id = own_person_id()
    with units.reading() as session:
        found = deposits_of_person(
            session, units.community_id(), person_id,
            limit=content["limit"] + 1, before=Newest.cursor(content),
        )  # fmt: skip
    shown, next_before = cut(found, content["limit"])
    return {"deposits": shown, "next_before": next_before}
