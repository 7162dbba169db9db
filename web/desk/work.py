"""The worklist of the reader, with the selected case beside it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, Self

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.deeds.working_days import WorkingDays
from timebank.desk import may
from timebank.desk.calendar import deadline_changes
from timebank.desk.queries import Key, Waiting
from timebank.desk.queries import worklist as waiting_for
from timebank.subjects import work_kinds
from timebank.values import By, local_day
from web import units
from web.auth import current_by, needs
from web.cases import CaseOutcome, WorkCase, WorkFace
from web.desk.words import count_word, deadline_rows, due_word, provisional, since_word
from web.forms import PlainForm, WorkForm
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.places import reminders
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_number
from web.subjects import gathered

PAGES_MAX = 999
PLACE = MenuPlace(bar=DESK, word=_l("待办"), icon="list-checks", order=10)


@dataclass(frozen=True, slots=True)
class ListPage:
    """What of the list is shown: one kind of work or all, and which page of it."""

    kind: str | None
    page: int

    @classmethod
    def of_request(cls) -> Self:
        """Read it from the address; what is invalid counts as absent."""
        kind = request.args.get("kind", "")
        number = read_number(request.args.get("page"), most=PAGES_MAX) or 1
        return cls(kind if kind in _kinds() else None, number)

    def address(
        self, case: Key | str | None = None, page: int | None = None, then: Key | None = None
    ) -> str:
        """The address of this page of the list, or of a case or another page.

        ``then`` is the case to open once this one is done.
        """
        number = page or self.page
        values = {"kind": self.kind, "page": number if number > 1 else None}
        values |= {"case": None if case is None else str(case), "then": then and str(then)}
        return url_for("work.worklist", **values)


@page(WORK, "", "worklist", methods=BOTH, places=(PLACE,))
@needs(may.OPEN_WORKLIST)
def worklist() -> Any:
    """Show the queue and one case; its buttons send to the same address."""
    key, list_page = _key(request.args.get("case", "")), ListPage.of_request()
    form = _face(key.kind).form() if key else None
    if key is not None and form is not None and request.method == "POST":
        said = _done(key, form)
        if said is not None:
            flash(said)
            return redirect(_onward(list_page, _key(request.args.get("then", ""))), 303)
    with units.reading() as session:
        content = _content(session, current_by(), key, list_page)
    if not content["rows"] and list_page.page > 1 and request.method == "GET":
        return redirect(replace(list_page, page=1).address(), 303)  # All on that page is done.
    case: WorkCase | None = content["case"]
    if form is None:
        form = PlainForm() if case is None else content["work_face"].form()
    drawn, status = units.draw("desk/work_worklist.html", form=form, key=key, **content)
    return drawn, 404 if key and case is None and status == 200 else status


def _onward(list_page: ListPage, then: Key | None) -> str:
    """After a deed the next case is open: nobody begins at the top of the list again."""
    return list_page.address(then)


def _after(rows: list[Waiting], here: Waiting) -> Key | None:
    """The case below this one, or above it where it is the last."""
    keys = [row.key for row in rows]
    place = keys.index(here.key) if here.key in keys else 0
    following = keys[place + 1 : place + 2] or keys[:place][-1:]
    return following[0] if following else None


def _done(key: Key, form: WorkForm) -> str | None:
    """Do what the pressed button says; None if it was refused and the form says why."""
    if not form.validate_on_submit():
        form.renew()
        return None
    deed = _face(key.kind).deed(key.id, form, request.form.get("do", ""))
    receipt = units.tried(deed.action, form, **deed.content)
    if receipt is None or isinstance(deed.said, str):
        return None if receipt is None else deed.said
    return deed.said(receipt)


def _face(kind: str) -> WorkFace:
    return gathered().faces[kind]


def _key(text: str) -> Key | None:
    """Read the name of a case from the address; None for an invalid one."""
    kind, _dash, number = text.partition("-")
    id_ = read_id(number)
    return Key(kind, id_) if kind in _kinds() and id_ is not None else None


def _kinds() -> list[str]:
    return [kind.name for kind in work_kinds()]


def _content(session: Session, by: By, key: Key | None, list_page: ListPage) -> dict[str, Any]:
    now, kind = units.now(), list_page.kind
    listed = waiting_for(
        session, by, work_kinds(), now=now, kind=kind, key=key, page=list_page.page
    )
    here = listed.find(key) if key else next(iter(listed.rows), None)
    face = None if here is None else _face(here.kind)
    by_kind, total = listed.counts, count_word(listed.counts.values())
    return {
        "rows": _rows(listed.rows, here, list_page, now),
        "is_more": listed.is_more,
        "list_page": list_page,
        "total": total if kind is None else count_word([by_kind.get(kind, 0)]),
        "kinds": [
            (name, _face(name).word, count_word([by_kind[name]]))
            for name in _kinds()
            if name in by_kind
        ],
        "kind": kind,
        "batch": _face(kind).batch if kind and by_kind.get(kind, 0) > 1 else "",
        "work_face": face,
        "case": None if here is None or face is None else _case(session, by, here, now),
        "counts": {"work.worklist": total} if by_kind else {},
        "outcome": None if key is None or here else _outcome(session, by, key),
        "own_address": list_page.address(here.key, then=_after(listed.rows, here)) if here else "",
        "bells": [
            (face.bell.endpoint, face.kind, by_kind.get(face.kind, 0))
            for face in gathered().faces.values()
            if face.bell is not None and face.bell.right.is_held(by)
        ],
        "reminders": reminders(),
        "calendar_ends_on": _calendar_end(listed.calendar, by, now),
    }


def _outcome(session: Session, by: By, key: Key) -> CaseOutcome | None:
    """What became of a case that waits no more."""
    read = _face(key.kind).outcome
    return None if read is None else read(session, by, key.id)


def _case(session: Session, by: By, here: Waiting, now: datetime) -> WorkCase:
    """The case, with the record of how its deadline moved."""
    case = _face(here.kind).read(session, by, here, now)
    moved = deadline_changes(session, by.community_id, here.key)
    case.sections.append((_("期限"), deadline_rows(here, moved)))
    return case


def _calendar_end(calendar: WorkingDays, by: By, now: datetime) -> date | None:
    """The last day of the known working days, for coordinators, if it comes soon."""
    if not may.KEEP_CALENDAR.is_held_everywhere(by):
        return None
    return calendar.known_until_on if calendar.ends_soon(local_day(now)) else None


def _rows(
    rows: list[Waiting], here: Waiting | None, list_page: ListPage, now: datetime
) -> list[Any]:
    begun = list_page.address("")  # All rows share this prefix.
    due_of = cache(partial(_due, local_day(now)))  # Many rows are due on one day.
    return [
        _row(row, f"{begun}{row.key}", is_here=row is here, now=now, due_of=due_of) for row in rows
    ]


def _due(today: date, until_on: date, is_provisional: bool) -> tuple[str, bool]:
    """What a row says of its deadline, and whether that has passed."""
    due, is_late = due_word(until_on, today)
    due = provisional(due) if is_provisional else due
    return (due if is_late else _("期限 %(day)s", day=due)), is_late


def _row(
    waiting: Waiting, href: str, *, is_here: bool, now: datetime, due_of: Callable[..., Any]
) -> SimpleNamespace:
    """One line of the queue, ready to render."""
    face = _face(waiting.kind)
    due, is_late = due_of(waiting.until_on, waiting.is_provisional)
    title, who = face.title_of(waiting), face.who(waiting)
    return SimpleNamespace(
        href=href, is_here=is_here, is_late=is_late, due=due,
        title=f"{title} · {who}" if title and who else title or who,
        detail=face.detail_of(waiting),
        since=_("%(when)s来的", when=since_word(waiting.since_at, now)),
    )  # fmt: skip
