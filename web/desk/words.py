"""The texts of the desk: kinds, titles, deadlines, ages, and the tree of a decision."""

from collections.abc import Iterable
from datetime import date, datetime

from timebank.desk.calendar import DeadlineChange
from timebank.desk.queries import COUNTED_MAX, Waiting
from timebank.values import local_day
from web import formats
from web.cases import Row
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import Names


def due_word(until_on: date, today: date) -> tuple[str, bool]:
    """The deadline, and whether it has passed."""
    left = (until_on - today).days
    if left < 0:
        return (_("已超 1 天") if left == -1 else _("已超 %(count)s 天", count=-left)), True
    if left < 2:
        return (_("明天") if left else _("今天")), False
    return formats.short_day(until_on, language()), False


def provisional(until: str) -> str:
    """Mark a deadline that may still move, because the working days are not known so far."""
    return _("%(until)s（暂定）", until=until)


def deadline_rows(waiting: Waiting, moved: Iterable[DeadlineChange]) -> list[Row]:
    """Rows about a provisional deadline, and about one that moved; none for any other."""
    lang = language()
    rows = []
    if waiting.is_provisional:
        until = formats.plain_day(waiting.until_on, lang)
        rows.append((provisional(until), _("那一年的放假安排还没有录入，录入以后会重新算。")))
    for change in moved:
        days = [(change.old_on, change.was_provisional), (change.new_on, change.is_provisional)]
        old, new = (
            provisional(formats.plain_day(day, lang)) if is_provisional
            else formats.plain_day(day, lang)
            for day, is_provisional in days
        )  # fmt: skip
        why = _("按“%(source)s”重新计算", source=change.source)
        rows.append(
            (f"{old} → {new}", f"{why} · {formats.plain_day(local_day(change.changed_at), lang)}")
        )
    return rows


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


# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "settle_shortfall": _l("处理了差额"),
    "take_calendar": _l("导入了工作日历"),
}
