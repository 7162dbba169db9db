"""How a story checks the books as a whole; the ledger brings no verbs of its own."""

from timebank.ledger.queries import sums_by_commodity
from timebank.stories.shapes import OneOf, shaped
from timebank.stories.stage import Stage


@shaped(OneOf(("zero",)))
def check_sums(stage: Stage, wanted: str) -> str:
    """Say ``zero`` where every commodity sums to zero over all accounts."""
    with stage.database.reading() as session:
        sums = sums_by_commodity(session, stage.community_id)
    return "zero" if all(both == (0, 0) for both in sums.values()) else str(sums)
