"""What people of a story take home, and what the community's clockwork does at night."""

from typing import Any

from timebank.aid.actions import claim_goods, issue_goods, lapse_claims, sweep_expired
from timebank.aid.queries import offer as offered_now
from timebank.aid.rules import ClaimLine
from timebank.demo.player.stage import Stage
from timebank.demo.player.verbs_setting import named_lots
from timebank.values import By


def _lines(stage: Stage, body: dict[str, Any]) -> tuple[ClaimLine, ...]:
    return tuple(ClaimLine(stage.item(name), pieces) for name, pieces in body["lines"].items())


def claim(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Claim ``lines`` of item: pieces for one's household; ``name`` names the claim."""
    return _claim(stage, by, body, by=by)


def _claim(stage: Stage, who: By, body: dict[str, Any], *, by: By) -> dict[str, Any]:
    receipt = stage.perform(
        claim_goods,
        by,
        household_id=who.household_id,
        person_id=who.person_id,
        store_id=stage.store_id,
        lines=_lines(stage, body),
    )
    if receipt.refusal is not None:
        raise receipt.refusal.error()
    stage.named[body.get("name", "claim")] = receipt
    names = {item_id: name for name, item_id in stage.items.items()}
    return {
        "state": receipt.state,
        "hold_until": stage.local(receipt.hold_until_at),
        "lines": {
            names[line.item_id]: {
                "asked": line.asked,
                "approved": line.approved,
                "cut": line.cut_code,
            }
            for line in receipt.lines
        },
    }


def issue(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Hand over a ``claim`` against its pick-up code; tells which lots gave how many."""
    receipt = stage.thing(body["claim"])
    issued = stage.perform(
        issue_goods, by, claim_id=receipt.claim_id, pickup_code=receipt.pickup_code
    )
    return {"lots": named_lots(stage, [(one.lot_id, one.pieces) for one in issued.lots])}


def take(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Claim at the counter and take home at once, through a keeper."""
    keeper = stage.keeper
    told = _claim(stage, by, {**body, "name": "taken"}, by=keeper)
    issue(stage, keeper, {"claim": "taken"})
    return told


def offer(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Ask what would be approved now, without claiming it."""
    with stage.database.reading() as session:
        offered = offered_now(
            session,
            stage.community_id,
            by.household_id or 0,
            lines=_lines(stage, body),
            now=stage.now,
            store_id=stage.store_id,
        )
    names = {item_id: name for name, item_id in stage.items.items()}
    return {names[line.item_id]: line.approved for line in offered.lines}


def lapse(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Let reservations that ran out go back to the shelf."""
    lapsed = stage.perform(lapse_claims, stage.founder)
    return {"lapsed": len(lapsed.claim_ids)}


def sweep(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Take what has expired off the shelf; tells which lots and how many pieces."""
    swept = stage.perform(sweep_expired, stage.founder)
    return {"disposed": named_lots(stage, [(one.lot_id, one.pieces) for one in swept.disposed])}
