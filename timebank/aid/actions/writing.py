"""Write a claim: its number, its lines, its reserved pieces."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import insert

from timebank.aid.actions.codes import draw_code
from timebank.aid.actions.holding import NewHolds, lines_of, write_holds
from timebank.aid.queries.claims import FACTS_COLUMN
from timebank.aid.rules import ISSUED, READY, HoldEnd, PlannedLine, Refusal, claim_no
from timebank.aid.tables import claim, claim_line
from timebank.deeds.deed import Deed
from timebank.deeds.numbers import take_number
from timebank.goods.queries import StoreBrief
from timebank.goods.rules import Pick
from timebank.ledger.actions import post_one
from timebank.values import By, local_day
from timebank.vault.cipher import vault_to_seal


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to write, in the state that the decision gave it."""

    claim_id: int
    household_id: int
    person_id: int
    store: StoreBrief
    state: str
    planned: tuple[PlannedLine, ...]
    refusal: Refusal | None

    @property
    def asked(self) -> int:
        return sum(line.asked for line in self.planned)

    @property
    def approved(self) -> int:
        return sum(line.approved for line in self.planned)

    @property
    def picks(self) -> tuple[Pick, ...]:
        return tuple(pick for line in self.planned for pick in line.picks)

    def handed_over(self) -> "NewClaim":
        return replace(self, state=ISSUED)


@dataclass(frozen=True, slots=True)
class WrittenClaim:
    """The number of a claim and its pick-up code."""

    claim_no: str
    pickup_code: str | None


_NEW_CLAIM, _NEW_LINES = insert(claim), insert(claim_line)
_NO_CODE = {"pickup_sealed": None, "pickup_digest": None}


def write_claim(
    deed: Deed, new: NewClaim, *, decision_id: int, end: HoldEnd | None
) -> WrittenClaim:
    """Number a claim, post its pieces, and insert it with its lines."""
    year = local_day(deed.now).year
    number = take_number(deed.session, deed.community_id, new.store.id, year=year, series="claim")
    # The row of the number series is locked until commit, so nobody else draws the same code.
    drawn = draw_code(deed, new.store.id) if new.state == READY else None
    written = WrittenClaim(
        claim_no(new.store.code, year, number), None if drawn is None else drawn.code
    )
    txn_id = None
    if new.picks:
        lines = lines_of(new.picks, None if end is None else end.until_at)
        kind = "claim_goods" if end else "issue_at_counter"
        txn_id = post_one(deed, kind=kind, lines=lines)
    row = _claim_row(deed, new, decision_id=decision_id)
    row |= {
        "claim_no": written.claim_no,
        **(_NO_CODE if drawn is None else drawn.cells),
        "hold_until_at": None if end is None else end.until_at,
        "full_until_at": None if end is None else end.full_until_at,
    }
    deed.session.execute(_NEW_CLAIM, row)
    deed.session.execute(_NEW_LINES, _line_rows(deed.by, new.claim_id, new.planned))
    if txn_id is not None:
        write_holds(deed, [NewHolds(claim_id=new.claim_id, txn_id=txn_id, picks=new.picks)])
    return written


def facts_cell(deed: Deed, refusal: Refusal | None) -> bytes | None:
    """Seal the facts of a refusal: they may name papers of the household."""
    if refusal is None:
        return None
    facts = msgspec.json.encode(refusal.facts).decode()
    return vault_to_seal(deed.session).seal(facts, FACTS_COLUMN)


def _claim_row(deed: Deed, new: NewClaim, *, decision_id: int) -> dict[str, Any]:
    is_issued = new.state == ISSUED
    return {
        "community_id": deed.community_id,
        "id": new.claim_id,
        "household_id": new.household_id,
        "person_id": new.person_id,
        "store_id": new.store.id,
        "channel": deed.by.channel,
        "asked_by": deed.by.client,
        "asked_at": deed.now,
        "state": new.state,
        "asked_pieces": new.asked,
        "approved_pieces": new.approved,
        "held_pieces": new.approved,
        "decision_id": decision_id,
        "issue_decision_id": decision_id if is_issued else None,
        "issued_at": deed.now if is_issued else None,
        "issued_by": deed.by.client if is_issued else None,
        "refusal_code": None if new.refusal is None else new.refusal.code,
        "refusal_facts_sealed": facts_cell(deed, new.refusal),
    }


def _line_rows(by: By, claim_id: int, planned: tuple[PlannedLine, ...]) -> list[dict[str, Any]]:
    return [
        {
            "community_id": by.community_id,
            "claim_id": claim_id,
            "line": number,
            "item_id": line.item_id,
            "asked_pieces": line.asked,
            "approved_pieces": line.approved,
            "cut_code": line.cut_code,
        }
        for number, line in enumerate(planned)
    ]
