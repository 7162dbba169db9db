"""The signed sheet of a day, as it was signed: for screen and paper, in both languages."""

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from timebank.closing import may
from timebank.closing.queries import sheet_is_proved, sheet_of
from timebank.closing.rules import kiosk_days, short_digest
from timebank.goods.queries import items, stores
from timebank.sealing.queries import checkpoint_latest
from timebank.values import By, from_us, pieces_of
from web import units
from web.auth import current_by, needs
from web.closing.counts import reason_words
from web.closing.signers import signers_of
from web.goods.shop import shop_of
from web.pages import STORE, page
from web.reader import gettext as _


@page(STORE, "/day/<int:no>", "day_sheet")
@needs(may.READ_DAY)
def day_sheet(no: int) -> str:
    """Show one signed sheet; its content never changes.

    Below it is the newest checkpoint of the books when it is printed, so the paper is a witness
    too.
    """
    by = current_by()
    with units.reading() as session:
        shop = shop_of(session, by, may.READ_DAY)
        content = _content(session, by, shop.id, no)
    return render_template(
        "closing/store_day_sheet.html", shop=shop, reasons=reason_words(), **content
    )


def _content(session: Session, by: By, store_id: int, no: int) -> dict[str, Any]:
    sheet = sheet_of(session, by.community_id, store_id, no)
    content = sheet.told
    catalogue = {item.id: item for item in items(session, by.community_id)}
    return {
        "sheet": sheet,
        "told": content,
        "store": next(store for store in stores(session, by.community_id) if store.id == store_id),
        "rows": _rows(content["lots"], catalogue),
        "of_commodity": {pieces_of(item.id): item for item in catalogue.values()},
        "signers": signers_of(session, by),
        "at": from_us,
        "digest": short_digest(sheet.digest),
        "is_whole": sheet_is_proved(session, by.community_id, store_id, no),
        "sealed": checkpoint_latest(session, by.community_id),
        "kinds": _kinds(),
        "in_books": sum(sum(account.values()) for account in content["clearing_books"].values()),
        "waiting": sum(entry["pieces"] for entry in content["clearing"]),
        "kiosk_days": kiosk_days(
            (entry["device_id"], from_us(entry["since_us"]), entry["pieces"])
            for entry in content["clearing"]
        ),
    }


def _rows(lots: list[dict[str, Any]], catalogue: dict[int, Any]) -> list[dict[str, Any]]:
    """One line per item, over its lots. A count is shown only if every lot was counted."""
    rows: dict[int, dict[str, Any]] = {}
    for line in lots:
        row = rows.setdefault(
            line["item_id"],
            {
                "item": catalogue[line["item_id"]], "counted": 0, "uncounted": 0, "whys": {},
                **dict.fromkeys(_SUMMED, 0),
            },
        )  # fmt: skip
        for name in _SUMMED:
            row[name] += line[name]
        if line["reason"]:
            row["whys"][line["reason"], line["note"]] = (
                row["whys"].get((line["reason"], line["note"]), 0) + line["variance"]
            )
        if line["counted"] is None:
            row["uncounted"] += 1 if line["closing"] else 0
        else:
            row["counted"] += line["counted"]
    return sorted(rows.values(), key=lambda row: str(row["item"].name_zh))


_SUMMED = ("opening", "in", "out", "variance", "closing")


def _kinds() -> dict[str, str]:
    """The names of late transactions."""
    return {
        "announce_deposit": _("终端存入"), "issue_goods": _("终端领取"),
        "receive_deposit": _("验收"), "record_issue": _("终端领取（照实补记）"),
    }  # fmt: skip
