"""What people of a story do with goods on their way in, and how the shelf is checked."""

from timebank.goods.actions import announce_deposit, receive_deposit, sign_cleaning
from timebank.goods.queries import deposit, lots_awaiting_cleaning, shelf
from timebank.goods.rules import CONDITIONS, THANKS, AnnouncedLine, JudgedLine
from timebank.goods.setting import shop_id
from timebank.ledger.queries import balance_of
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Many, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Body, Stage
from timebank.values import HONOUR, POINTS, By

_ANNOUNCED = Keyed(
    {"pieces": whole},
    {
        "item": text, "described": text, "condition": OneOf(CONDITIONS), "best_before": day,
        "lacking": Many(text), "kind": text,
    },
)  # fmt: skip


@shaped(Keyed({"lines": Many(_ANNOUNCED)}, {"name": text, "thanks": OneOf(THANKS)}))
def announce(stage: Stage, by: By, body: Body) -> Body:
    """Announce a deposit: ``name``, ``thanks``, ``lines`` of item or described, pieces, …"""
    lines = tuple(
        AnnouncedLine(
            item_id=stage.known("item", line["item"]) if "item" in line else None,
            pieces=line["pieces"],
            condition=line.get("condition", "new"),
            best_before_on=line.get("best_before"),
            described=line.get("described", ""),
            lacking=tuple(line.get("lacking", ())),
            refused_kind=line.get("kind"),
        )
        for line in body["lines"]
    )
    announced = stage.perform(
        announce_deposit,
        by,
        store_id=shop_id(stage),
        lines=lines,
        donor_person_id=by.person_id,
        thanks=body.get("thanks", "receipt"),
    )
    stage.remember("deposit", body.get("name", "deposit"), announced.deposit_id)
    return {"valid_until": announced.valid_until_on, "state": announced.state}


_JUDGED = Keyed(
    may={
        "accept": whole, "refuse": whole, "because": text, "lacking": Many(text), "kind": text,
    }
)  # fmt: skip


@shaped(Keyed({"deposit": text, "judged": Many(_JUDGED)}))
def receive(stage: Stage, by: By, body: Body) -> Body:
    """Judge an announced ``deposit`` line by line: ``accept`` or ``refuse`` … ``because``.

    ``lacking`` lists what a line does not meet, ``kind`` the kind never taken that it is.
    """
    deposit_id = stage.known("deposit", body["deposit"])
    with stage.database.reading() as session:
        announced = deposit(session, stage.community_id, deposit_id).announced
    if len(announced) != len(body["judged"]):
        raise StoryFault(f"judged: {len(body['judged'])} lines, announced were {len(announced)}")
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
            lacking=tuple(judged.get("lacking", ())),
            refused_kind=judged.get("kind"),
        )
        for line, judged in zip(announced, body["judged"], strict=True)
    )
    receipt = stage.perform(
        receive_deposit, by, store_id=shop_id(stage), lines=lines, deposit_id=deposit_id
    )
    with stage.database.reading() as session:
        whys = [line.refuse_why for line in deposit(session, stage.community_id, deposit_id).lines]
    return {
        "accepted": receipt.accepted,
        "refused": receipt.refused,
        "value_yuan": receipt.value_yuan,
        "receipt_no": receipt.receipt_no,
        "honour": receipt.honour,
        "points": receipt.points,
        "lines": [
            {
                "accepted": line.accepted,
                "refused": line.refused,
                "value_yuan": line.value_yuan,
                "because": line.refuse_code,
                "why": list(why),
                "waits_for_cleaning": line.waits_for_cleaning,
            }
            for line, why in zip(receipt.lines, whys, strict=True)
        ],
    }


@shaped(Named(Keyed({"item": text, "pieces": whole}, {"best_before": day, "cleaned": yes})))
def stock(stage: Stage, by: By, body: Body) -> Body:
    """Put goods on the shelf, left at the counter by an unknown donor; each lot gets its name."""
    lines = tuple(
        JudgedLine(
            item_id=stage.known("item", lot["item"]),
            brought=lot["pieces"],
            accepted=lot["pieces"],
            best_before_on=lot.get("best_before"),
        )
        for lot in body.values()
    )
    receipt = stage.perform(receive_deposit, by, store_id=shop_id(stage), lines=lines)
    for (name, lot), line in zip(body.items(), receipt.lines, strict=True):
        stage.remember("lot", name, line.lot_id)
        if lot.get("cleaned"):
            stage.perform(sign_cleaning, by, lot_id=line.lot_id)
    return {"accepted": receipt.accepted}


@shaped(Keyed({"item": text}))
def sign_cleaned(stage: Stage, by: By, body: Body) -> Body:
    """Sign that the lots of an ``item`` are cleaned."""
    item_id = stage.known("item", body["item"])
    with stage.database.reading() as session:
        waiting = lots_awaiting_cleaning(session, stage.community_id, now=stage.now)
    signed = [lot.id for lot in waiting if lot.item_id == item_id]
    for lot_id in signed:
        stage.perform(sign_cleaning, by, lot_id=lot_id)
    return {"signed": len(signed)}


_SHELF_ROW = Keyed(may=dict.fromkeys(("on_hand", "available", "held", "near_expiry"), whole))


@shaped(Named(_SHELF_ROW))
def check_stock(stage: Stage, wanted: Body) -> Body:
    """Read the shelf: pieces of every item on hand, available, held and near their end."""
    with stage.database.reading() as session:
        rows = shelf(session, stage.community_id, stage.now, shop_id(stage))
    return {
        row.name_zh: {
            "on_hand": row.on_hand,
            "available": row.available,
            "held": row.held,
            "near_expiry": row.near_expiry,
        }
        for row in rows
    }


@shaped(Named(whole))
def check_honour(stage: Stage, wanted: Body) -> Body:
    """Read the honour value of what each person gave."""
    return _thanks(stage, wanted, HONOUR)


@shaped(Named(whole))
def check_points(stage: Stage, wanted: Body) -> Body:
    """Read the points of each person."""
    return _thanks(stage, wanted, POINTS)


def _thanks(stage: Stage, wanted: Body, commodity: str) -> Body:
    with stage.database.reading() as session:
        return {
            name: balance_of(
                session,
                stage.community_id,
                "person",
                commodity,
                owner_id=stage.who(name).person_id or 0,
            ).posted
            for name in wanted
        }


def lots_by_name(stage: Stage, lots: list[tuple[int, int]]) -> dict[str, int]:
    """Give pieces per lot under the names that the story gave the lots."""
    pieces_by_name: dict[str, int] = {}
    for lot_id, pieces in lots:
        name = stage.name_of("lot", lot_id)
        pieces_by_name[name] = pieces_by_name.get(name, 0) + pieces
    return pieces_by_name
