"""The texts of the desk: kinds, titles, deadlines, ages, and the tree of a decision."""

from collections.abc import Iterable
from datetime import date, datetime

from timebank.desk.queries import COUNTED_MAX
from timebank.values import local_day
from web import formats
from web.reader import gettext as _
from web.reader import language


def due_word(until_on: date, today: date) -> tuple[str, bool]:
    """The deadline, and whether it has passed."""
    left = (until_on - today).days
    if left < 0:
        return (_("已超 1 天") if left == -1 else _("已超 %(count)s 天", count=-left)), True
    if left < 2:
        return (_("明天") if left else _("今天")), False
    return formats.short_day(until_on, language()), False


def count_word(counts: Iterable[int]) -> str:
    """How many wait in all: ``12``, or ``99+`` where counting ended at its limit."""
    counts = list(counts)
    most = COUNTED_MAX - 1
    is_more = any(count > most for count in counts)
    total = formats.number(sum(min(count, most) for count in counts), language())
    return f"{total}+" if is_more else total


def since_word(at: datetime, now: datetime) -> str:
    """How long ago, in everyday words."""
    minutes = max(int((now - at).total_seconds()) // 60, 0)
    days = (local_day(now) - local_day(at)).days
    if minutes < 60:
        return _("%(count)s 分钟前", count=minutes) if minutes else _("刚才")
    if days == 0:
        return _("%(count)s 小时前", count=minutes // 60)
    return _("昨天") if days == 1 else formats.short_day(local_day(at), language())
