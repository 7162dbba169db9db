"""Show what would be given before it is given, and read what the person then agreed to.

The page of a check carries the numbers that it shows. The action compares them with what it would
give at that moment; if they differ, nothing is given and the page is shown again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import request

from timebank.aid.queries import MayTake, Offer, OfferedLine, OfferedLot
from timebank.aid.refusals import NotConfirmed
from timebank.aid.rules import AgreedLot, ClaimLine
from timebank.goods.queries import LotBrief
from timebank.goods.rules import PIECES_MAX
from web import formats
from web.formats import own_name
from web.goods.groups import GROUPS, group_of
from web.reader import gettext as _
from web.reader import language
from web.reading import read_id, read_number
from web.units import DeedForm


def agreed_lines() -> tuple[ClaimLine, ...] | None:
    """The pieces of each item that were shown and agreed to; None without a check page."""
    return tuple(ClaimLine(*pair) for pair in _numbers("agreed")) or None


def agreed_lots() -> tuple[AgreedLot, ...] | None:
    """The pieces of each lot that were shown and agreed to; None without a check page."""
    return tuple(AgreedLot(*pair) for pair in _numbers("lot")) or None


def _numbers(prefix: str) -> Iterator[tuple[int, int]]:
    """Read the fields ``<prefix>-<id>``. What is no number agrees to nothing."""
    for name, text in request.form.items():
        head, _dash, rest = name.partition("-")
        id_, pieces = read_id(rest), read_number(text, PIECES_MAX)
        if head == prefix and id_ is not None and pieces:
            yield id_, pieces


def to_confirm(form: DeedForm) -> Offer | None:
    """What the deed of a form would give instead of what was confirmed."""
    shown = getattr(form, "refusal", None)
    if not isinstance(shown, NotConfirmed):
        return None
    facts: dict[str, Any] = shown.facts
    return Offer(
        lines=tuple(OfferedLine(**line) for line in facts["lines"]),
        answer="eligible",
        refusal=None,
        lots=tuple(OfferedLot(**lot) for lot in facts["lots"]),
        share_left=facts["share_left"],
    )


def line_rows(offer: Offer, items: Mapping[int, MayTake]) -> list[dict[str, str]]:
    """Each item as the component ``running_list`` shows it: what was asked, what can be given."""
    return [_line_row(line, items[line.item_id]) for line in offer.lines]


def _line_row(line: OfferedLine, item: MayTake) -> dict[str, str]:
    lang = language()
    asked = formats.pieces(line.asked, lang, item)
    given = formats.pieces(line.approved, lang, item)
    less = formats.pieces(line.asked - line.approved, lang, item)
    return {
        "title": own_name(item, lang),
        "detail": _("想要 %(asked)s", asked=asked),
        "figure": _("可以给 %(given)s", given=given) if line.approved else _("给不了"),
        "note": _("少 %(less)s：%(why)s", less=less, why=_cut_word(line)) if line.cut_code else "",
        "state": ("less" if line.approved else "problem") if line.cut_code else "ok",
    }


def _cut_word(line: OfferedLine) -> str:
    whys = {"HOUSEHOLD_CAP": _("超出本户十二个月的件数"), "OUT_OF_STOCK": _("货架上不够")}
    return whys.get(line.cut_code or "", "")


def lot_rows(
    offer: Offer, lots: Mapping[int, LotBrief], items: Mapping[int, MayTake]
) -> list[dict[str, str]]:
    """Each lot to take from, with its days and the part of the shelf where it lies."""
    return [_lot_row(lot, lots[lot.lot_id], items[lot.item_id].kind) for lot in offer.lots]


def _lot_row(offered: OfferedLot, lot: LotBrief, kind: str) -> dict[str, str]:
    lang = language()
    received = _("%(day)s收进的", day=formats.plain_day(lot.received_on, lang))
    which = _("没有到期日的那一批")
    if lot.best_before_on is not None:
        day = formats.plain_day(lot.best_before_on, lang)
        which = _("拿 %(day)s到期的那一批", day=day)
    place = _("货架“%(group)s”", group=str(GROUPS[group_of(kind)][1]))
    return {
        "title": own_name(lot, lang),
        "detail": f"{which} · {received} · {place}",
        "figure": formats.pieces(offered.pieces, lang, lot),
        "note": "",
        "state": "ok",
    }
