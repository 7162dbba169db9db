"""My passbook: the current figures, and lines page by page."""

from typing import Any

from timebank.hours import queries
from web import units
from web.api.blueprint import PRIVATE, blueprint
from web.api.guards import by_token_or_visit, own_person_id
from web.api.schemas.hours import Passbook, PassbookPage


@blueprint.route("/me/passbook")
@by_token_or_visit
@blueprint.doc(**PRIVATE, operationId="readPassbook")
@blueprint.arguments(PassbookPage, location="query")
@blueprint.response(200, Passbook)
def passbook(content: dict[str, Any]) -> dict[str, Any]:
    """My time account

    The figures, and lines, newest first. ``next_before`` is ``before`` of the next page.
    """
    person_id, limit = own_person_id(), content["limit"]
    with units.reading() as session:
        book = queries.passbook(session, units.community_id(), person_id)
        lines = queries.passbook_lines(
            session, units.community_id(), person_id,
            limit=limit + 1, before_seq=content["before"], direction=content["direction"],
        )  # fmt: skip
    return {
        "as_of_at": units.now(),
        "book": book,
        "lines": lines[:limit],
        "next_before": lines[limit - 1].seq if len(lines) > limit else None,
    }
