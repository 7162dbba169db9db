"""The health page: what is well, what to watch, what somebody must act on, and how."""

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

import timebank
from timebank.backups.notes import DRILLS, drill_notes, last_backup_at, last_restore
from timebank.goods.queries import stores
from timebank.oversight import may
from timebank.oversight.rules import (
    STATES,
    DrillFacts,
    HealthLine,
    gravest_first,
    in_red,
    judge_backup,
    judge_disk,
    judge_drill,
    judge_restore,
    judge_schema,
)
from timebank.oversight.standing import kiosk_line, living_kiosks, standing_lines
from timebank.schema import newest_revision, revision_of
from timebank.values import to_us
from web import units
from web.auth import by_or_none, current_by, needs
from web.formats import own_name
from web.ground import Ground, ground
from web.health import free_bytes
from web.listing import numbered
from web.oversight.health_words import (
    STATE_WORDS,
    WHAT_WORDS,
    advice_of,
    sentence_of,
    what_word,
)
from web.pages import MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_number
from web.tables import Column, table_of

LINES_A_PAGE = 20
SHARED_SECONDS = 60.0  # The line on the worklist is that old at most.
PLACE = MenuPlace(
    bar=MANAGE,
    word=_l("系统状况"),
    icon="heart",
    order=80,
    says=_l("备份、演练、磁盘、时钟、终端好不好"),
    right=may.READ_HEALTH,
)
COLUMNS = (
    Column(key="what", label=_l("看什么"), kind="title", sort=lambda line: str(what_word(line))),
    Column(key="state", label=_l("状况"), sort=lambda line: STATES.index(line.state)),
    Column(
        key="since",
        label=_l("从什么时候"),
        sort=lambda line: to_us(line.since) if line.since else 0,
    ),
    Column(key="do", label=_l("怎么办")),
)


@page(WORK, "/health", "health", places=(PLACE,))
@needs(may.READ_HEALTH)
def health() -> Any:
    """Show every line, the gravest first; the address sorts, filters and turns pages."""
    with units.reading() as session:
        lines = gravest_first(_lines(session, current_by().community_id, units.now()))
    shown = [line for line in lines if _fits(line, request.args)]
    table = table_of(shown, COLUMNS, usual="state")
    cut = numbered(table.rows, LINES_A_PAGE, read_number(request.args.get("page"), most=999) or 1)
    kept = {
        name: request.args[name] for name in ("state", "what", "sort") if request.args.get(name)
    }
    return render_template(
        "oversight/work_health.html", table=table, listed=cut, asked=kept, all_lines=lines,
        red=list(in_red(lines)), states=STATE_WORDS, whats=WHAT_WORDS, what_word=what_word,
        sentence_of=sentence_of, advice_of=advice_of,
    )  # fmt: skip


def shown_lines(
    session: Session, community_id: int, query: Mapping[str, str]
) -> Iterator[HealthLine]:
    """The lines that an address asks for, the gravest first."""
    lines = gravest_first(_lines(session, community_id, units.now()))
    yield from (line for line in lines if _fits(line, query))


def _fits(line: HealthLine, query: Mapping[str, str]) -> bool:
    state, what = query.get("state", ""), query.get("what", "")
    is_state = state in ("", line.state) or state not in STATES
    return is_state and (what in ("", line.what) or what not in WHAT_WORDS)


def _lines(session: Session, community_id: int, now: datetime) -> Iterator[HealthLine]:
    clock = units.database().clock
    yield from _folder_lines(current_app.config.get("DATA"), now)
    yield from standing_lines(
        session, community_id, now=now, has_jumped=bool(getattr(clock, "is_off", False))
    )
    yield judge_schema(revision_of(session.connection()), newest_revision())
    names = {store.id: own_name(store, language()) for store in stores(session, community_id)}
    for kiosk in living_kiosks(session, community_id):
        name = _("%(shop)s第 %(epoch)s 台", shop=names[kiosk.store_id], epoch=kiosk.epoch)
        yield kiosk_line(kiosk, name=name, now=now, newest=timebank.__version__)


def _folder_lines(data: Path | None, now: datetime) -> Iterator[HealthLine]:
    """What the data folder knows; an application without one is asked nothing."""
    if data is None:
        return
    yield judge_backup(last_backup_at(data), now)
    restored = last_restore(data)
    if restored and (line := judge_restore(restored[0], of=restored[1], now=now)):
        yield line
    notes = drill_notes(data)
    for name in DRILLS:
        note = notes.get(name)
        is_good = note.is_good if note else None
        yield judge_drill(DrillFacts(name=name, at=note.at if note else None, is_good=is_good), now)
    yield judge_disk(free_bytes(data))


class Reminded:
    """What is red, shared by the worklists of a minute, so that they ask nothing more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Ground | None = None
        self._at = float("-inf")
        self._red: list[HealthLine] = []

    def red(self, community_id: int) -> list[HealthLine]:
        with self._lock:
            is_old = time.monotonic() - self._at >= SHARED_SECONDS
            if is_old or self._of is not ground():
                self._of = ground()
                with units.database().reading() as session:
                    self._red = list(in_red(_lines(session, community_id, units.now())))
                self._at = time.monotonic()
            return self._red


def install(app: Flask) -> None:
    """Let the worklists share what is red."""
    app.extensions["timebank.reminded"] = Reminded()


def reminder() -> str:
    """One line above the worklist of a coordinator while something is red."""
    by = by_or_none()
    if by is None or not may.READ_HEALTH.is_held_everywhere(by) or not by.holds("coordinator"):
        return ""
    reminded: Reminded = current_app.extensions["timebank.reminded"]
    red = reminded.red(by.community_id)
    if not red:
        return ""
    words = _("、").join(dict.fromkeys(str(WHAT_WORDS[line.what]) for line in red))
    href = url_for("work.health", state="act")
    return Markup(render_template("oversight/reminder.html", words=words, href=href))
