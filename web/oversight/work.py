"""The audit page: who did what to whom, when; with filters in the address, and as a sheet."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, stream_with_context
from sqlalchemy.orm import Session

from timebank.deeds.trail import trail_key
from timebank.errors import NotFound
from timebank.oversight import may
from timebank.oversight.queries import (
    Actor,
    AuditTold,
    AuditWanted,
    actors,
    audit_trail,
    whole_trail,
)
from timebank.values import By
from web import formats, units
from web.auth import current_by, needs
from web.listing import listed, read_cursor
from web.oversight.words import actor_word, deed_word, fact_words, whom_word
from web.pages import DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_day, read_household_no, read_id
from web.subjects import gathered

LINES_A_PAGE = 50
# A sheet program runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
PLACE = MenuPlace(bar=DESK, word=_l("办事记录"), icon="clock", order=60, right=may.READ_AUDIT)


@page(WORK, "/audit", "audit", places=(PLACE,))
@needs(may.READ_AUDIT)
def audit() -> str:
    """Show who did what to whom, newest first."""
    by, wanted, before = current_by(), _wanted(), read_cursor(request.args.get("before"), 2)
    with units.reading() as session:
        staff = actors(session, by.community_id)
        found, is_known = _found(session, by, wanted, before)
    page_of = listed(found, LINES_A_PAGE, lambda told: trail_key(told.line), at=before)
    return render_template(
        "oversight/work_audit.html", listed=page_of, wanted=wanted, staff_choices=_choices(staff),
        deeds=_deeds(), is_known=is_known, asked=_asked(), today=units.today(),
        actor_word=actor_word, deed_word=deed_word, whom_word=whom_word, fact_words=fact_words,
        channel_word=channel_word,
    )  # fmt: skip


@page(WORK, "/audit.csv", "audit_sheet", under="work.audit")
@needs(may.READ_AUDIT)
def audit_sheet() -> Response:
    """Send the same lines as a sheet, all of them, in UTF-8 with a byte order mark."""
    answer = Response(
        stream_with_context(_sheet(current_by(), _wanted())), mimetype="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{units.today()}.csv"'
    return answer


def _found(
    session: Session, by: By, wanted: AuditWanted, before: Any
) -> tuple[list[AuditTold], bool]:
    """The lines, and whether the household that was asked for exists."""
    try:
        return audit_trail(session, by, wanted, limit=LINES_A_PAGE + 1, before=before), True
    except NotFound:
        return [], False


def _wanted() -> AuditWanted:
    query = request.args
    name = query.get("deed", "")
    typed = query.get("household", "").strip()
    return AuditWanted(
        name=name if name in gathered().audited else None,
        user_id=read_id(query.get("who")),
        household_no=(read_household_no(typed) or typed[:20]) if typed else None,
        from_on=read_day(query.get("from")),
        until_on=read_day(query.get("until")),
    )


def _asked() -> dict[str, str]:
    """What the address asks for, for the links to the next page and to the sheet."""
    kept = ("deed", "who", "household", "from", "until")
    return {name: request.args[name] for name in kept if request.args.get(name)}


def _choices(staff: list[Actor]) -> list[tuple[str, str]]:
    """The staff by name, with what they sign in as where two share a name."""
    return [(str(one.user_id), f"{one.name} · {one.login_name}") for one in staff]


def _deeds() -> list[tuple[str, str]]:
    words = [(name, str(word)) for name, word in gathered().audited.items()]
    return [("", _("全部")), *sorted(words, key=lambda pair: pair[1])]


def _sheet(by: By, wanted: AuditWanted) -> Iterator[str]:
    headings = (_("时间"), _("谁"), _("做了什么"), _("对谁"), _("内容"), _("从哪里"))
    yield "\ufeff" + _row(headings)
    with units.database().reading() as session:
        try:
            for told in whole_trail(session, by, wanted):
                yield _row(_cells(told))
        except NotFound:
            return


def _cells(told: AuditTold) -> tuple[str, ...]:
    at = formats.full_moment(told.line.at, language())
    return (
        at, actor_word(told), deed_word(told), whom_word(told), fact_words(told), channel_word(told)
    )  # fmt: skip


def channel_word(told: AuditTold) -> str:
    """The way by which it came."""
    words = {
        "web": _("网页"), "counter": _("柜台"), "kiosk": _("自助终端"), "phone": _("电话"),
        "job": _("程序自动"),
    }  # fmt: skip
    return words.get(told.line.channel, told.line.channel)


def _row(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
    csv.writer(line, lineterminator="\r\n").writerow(safe)
    return line.getvalue()
