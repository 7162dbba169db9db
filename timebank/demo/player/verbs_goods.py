"""What people of a story do with goods on their way in: one function a verb."""

from typing import Any

from timebank.demo.player.stage import Stage
from timebank.goods.actions import announce_deposit, receive_deposit, sign_cleaning
from timebank.goods.queries import deposit, lots_awaiting_cleaning
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.values import By


def announce(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Announce a deposit: ``name``, ``thanks``, ``lines`` of item or described, pieces, …"""
    lines = tuple(
        AnnouncedLine(
            item_id=stage.item(line["item"]) if "item" in line else None,
            pieces=line["pieces"],
            condition=line.get("condition", "new"),
            best_before_on=line.get("best_before"),
            described=line.get("described", ""),
        )
        for line in body["lines"]
    )
    announced = stage.perform(
        announce_deposit,
        by,
        store_id=stage.store_id,
        lines=lines,
        donor_person_id=by.person_id,
        thanks=body.get("thanks", "receipt"),
    )
    stage.named[body.get("name", "deposit")] = announced.deposit_id
    return {"valid_until": announced.valid_until_on, "state": announced.state}


def receive(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Judge an announced ``deposit`` line by line: ``accept`` or ``refuse`` … ``because``."""
    deposit_id = stage.thing(body["deposit"])
    with stage.database.reading() as session:
        told = deposit(session, stage.community_id, deposit_id).announced
    lines = tuple(
        JudgedLine(
            item_id=line.item_id,
            brought=line.pieces,
            accepted=judged.get("accept", 0),
            condition=line.condition,
            best_before_on=line.best_before_on,
            described=line.described,
            opened=judged.get("because") == "OPENED_FOOD",
            refuse_code=judged.get("because"),
            announced_line=line.line,
        )
        for line, judged in zip(told, body["judged"], strict=True)
    )
    receipt = stage.perform(
        receive_deposit, by, store_id=stage.store_id, lines=lines, deposit_id=deposit_id
    )
    return {
        "accepted": receipt.accepted,
        "refused": receipt.refused,
        "value_yuan": receipt.value_yuan,
        "receipt_no": receipt.receipt_no,
        "lines": [
            {
                "accepted": line.accepted,
                "refused": line.refused,
                "value_yuan": line.value_yuan,
                "because": line.refuse_code,
                "waits_for_cleaning": line.waits_for_cleaning,
            }
            for line in receipt.lines
        ],
    }


def stock(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Put goods on the shelf, left at the counter by nobody known; each lot gets its name."""
    lines = tuple(
        JudgedLine(
            item_id=stage.item(lot["item"]),
            brought=lot["pieces"],
            accepted=lot["pieces"],
            best_before_on=lot.get("best_before"),
        )
        for lot in body.values()
    )
    receipt = stage.perform(receive_deposit, by, store_id=stage.store_id, lines=lines)
    for (name, lot), line in zip(body.items(), receipt.lines, strict=True):
        stage.named[name] = line.lot_id
        if lot.get("cleaned"):
            stage.perform(sign_cleaning, by, lot_id=line.lot_id)
    return {"accepted": receipt.accepted}


def sign_cleaned(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Sign that the lots of an ``item`` are cleaned."""
    item_id = stage.item(body["item"])
    with stage.database.reading() as session:
        waiting = lots_awaiting_cleaning(session, stage.community_id, now=stage.now)
    signed = [lot.id for lot in waiting if lot.item_id == item_id]
    for lot_id in signed:
        stage.perform(sign_cleaning, by, lot_id=lot_id)
    return {"signed": len(signed)}
