"""What staff read about a hand-over that a kiosk reported too late."""

from collections.abc import Sequence
from typing import Any

from timebank.aid.queries import Claim, LateLot
from timebank.aid.rules import CANCELLED, ISSUED, LAPSED
from web import formats
from web.formats import own_name
from web.reader import gettext as _
from web.reader import language


def why_kept(claim: Claim) -> str:
    """Why there is nothing to post."""
    if claim.state == ISSUED:
        return _("账上已经领走过一次，可能是同一次取货记了两遍。问清楚，写一句，只留记录。")
    return _("账上没有为这份申领留过东西。问清楚，写一句，只留记录。")


def notice(claim: Claim, late: Sequence[LateLot]) -> tuple[str, str, str] | None:
    """What became of a claim that had ended before the kiosk reported the hand-over."""
    headings = {
        LAPSED: _("东西已经取走，账上却当作没人来取"),
        CANCELLED: _("东西已经取走，申领却取消了"),
    }
    if claim.state not in headings:
        return None
    return headings[claim.state], _would_lack(late), "goods"


def _would_lack(late: Sequence[LateLot]) -> str:
    lacking = sum(late_lot.lacking for late_lot in late)
    if not lacking:
        return _("确实取走了，就照实入账：记在这户人家名下，算进额度。")
    count = formats.pieces(lacking, language())
    return _("确实取走了，也照实入账；账上缺 %(count)s，记成差额，由别的同事处理。", count=count)


def lot_row(one: LateLot, lot: Any) -> tuple[str, str]:
    """A lot of the claim, and whether it still has the pieces."""
    name = f"{own_name(lot, language())} × {one.pieces}"
    if not one.lacking:
        return name, _("从这一批里扣")
    return name, _("这一批里缺 %(count)s", count=formats.pieces(one.lacking, language(), lot))
