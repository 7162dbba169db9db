"""A household that came for its claim and was sent home: it is no no-show."""

from dataclasses import dataclass

from timebank.aid import may
from timebank.aid.actions.codes import check_tries
from timebank.aid.actions.ends import planned_end
from timebank.aid.actions.holding import claim_row, lock_household
from timebank.aid.actions.issuing import check_bearer, write_visit
from timebank.aid.actions.serving import is_served
from timebank.aid.rules import LAPSED, READY, check_code_shape
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.people.closeness import Involved, require_not_close

SENT_HOME = "SENT_HOME"


@dataclass(frozen=True, slots=True)
class VisitNoted:
    """Somebody came for this claim, and went home without the goods."""

    claim_id: int
    claim_no: str


@action("note_visit", counts_refusals=True)
def note_visit(
    deed: Deed,
    *,
    claim_id: int,
    pickup_code: str | None = None,
    card_token: str | None = None,
) -> VisitNoted:
    """Note that the household came with its code or card and could not be served.

    The reservation stays as it is; if it ends, it is no no-show.

    **Refuses**: ``NotAllowed`` to all but a keeper of the store who is not of the household;
    ``NotFound``; ``WrongPickupCode``, after several ``TooManyTries``; ``CardUnknown``,
    ``CardRevoked``; ``BadInput``; ``WrongState`` if the claim is not waiting for pick-up.
    """
    may.SERVE_COUNTER.require(deed.by)
    if pickup_code:
        check_code_shape(pickup_code)
        check_tries(deed)
    found = claim_row(deed.session, deed.community_id, claim_id)
    if not is_served(deed, found, may.SERVE_COUNTER):
        raise NotFound(kind="claim")
    home = Involved(household_ids=(found.household_id,))
    require_not_close(deed.session, deed.by, home, deed="note_visit")
    check_bearer(deed, found, pickup_code=pickup_code, card_token=card_token)
    lock_household(deed.session, deed.community_id, found.household_id)
    row = claim_row(deed.session, deed.community_id, claim_id)
    if row.state != READY or planned_end(row) <= deed.now:
        raise WrongState(kind="claim", state=LAPSED if row.state == READY else row.state)
    write_visit(deed.session, deed.now, by=deed.by, claim_id=claim_id, why=SENT_HOME)
    audit(
        deed,
        name="note_visit",
        subject_kind="claim",
        subject_id=claim_id,
        facts={"claim_no": row.claim_no},
    )
    return VisitNoted(claim_id, row.claim_no)
