"""The hours of a shop, as people read them."""

from timebank.goods.opening import Hours, written_hours
from web.reader import LazyString
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

DAYS: dict[str, LazyString] = {
    "mon": _l("星期一"),
    "tue": _l("星期二"),
    "wed": _l("星期三"),
    "thu": _l("星期四"),
    "fri": _l("星期五"),
    "sat": _l("星期六"),
    "sun": _l("星期日"),
}


def shown_hours(hours: Hours) -> str:
    """The hours of one day."""
    if not hours:
        return _("不开门")
    return written_hours(hours).replace("-", "–").replace(" ", _("、"))
