"""Which backups stay: all of two weeks, one a week of three months, one a month of two years.

From older years one stays, and the three newest always. A backup of the pages and a plain copy are
looked at apart, so that neither stands in for the other. **Source**: our own proposal; it is what
an accountant asks for (a year can be looked at again) and does not fill the disk.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from timebank.backups.making import KeptBackup, Source, kept_backups
from timebank.checking.backups import paper_of
from timebank.values import local_day

NEWEST = 3
ALL, WEEKLY, MONTHLY = timedelta(days=14), timedelta(weeks=13), timedelta(days=731)
_log = logging.getLogger("timebank.backups")


def outdated(backups: Iterable[KeptBackup], now: datetime) -> Iterator[KeptBackup]:
    """Those that another one stands for, by the rule of this module."""
    for is_bundle in (True, False):
        alike = (one for one in backups if one.is_bundle == is_bundle)
        newest_first = sorted(alike, key=lambda one: one.made_at, reverse=True)
        seen: set[tuple[str, int, int]] = set()
        for place, backup in enumerate(newest_first):
            span = _span(local_day(backup.made_at), now - backup.made_at)
            is_kept = place < NEWEST or span is None or span not in seen
            if span is not None:
                seen.add(span)
            if not is_kept:
                yield backup


def _span(day: date, age: timedelta) -> tuple[str, int, int] | None:
    """The week, month or year of which one backup stays; None while all of them stay."""
    if age <= ALL:
        return None
    if age <= WEEKLY:
        year, week, _weekday = day.isocalendar()
        return "week", year, week
    return ("month", day.year, day.month) if age <= MONTHLY else ("year", day.year, 0)


def remove_outdated(source: Source, now: datetime) -> list[str]:
    """Remove what the rule does not keep, with the manifest beside it; return the names."""
    removed = []
    for one in outdated(kept_backups(source), now):
        file = source.folder / one.name
        file.unlink(missing_ok=True)
        paper_of(file).unlink(missing_ok=True)
        removed.append(one.name)
    if removed:
        _log.info("removed old backups: %s", ", ".join(removed))
    return removed
