"""One list for everything that waits for me, with the case beside it."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.desk.queries import Key, Waiting
from timebank.desk.queries import worklist as waiting_for
from timebank.hours.rules import HAND_ROLES
from timebank.people.rules import ROLE_NAMES
from timebank.subjects import work_kinds
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.desk import words
from web.desk.cases import Case, read_case
from web.desk.deeds import done, form_for
from web.forms import PlainForm
from web.pages import BOTH, WORK, page
from web.people.sight import PEOPLE
from web.reading import read_id

STAFF = tuple(sorted(ROLE_NAMES))


@page(WORK, "", "worklist", methods=BOTH)
@needs(*STAFF)
def worklist() -> Any:
    """Show the queue and one case; a button pressed there is sent to the same address."""
    key, kind = _key(request.args.get("case", "")), _kind()
    form = form_for(key) if key else None
    if key is not None and form is not None and request.method == "POST":
        said = done(key, form)
        if said is not None:
            flash(said)
            return redirect(url_for("work.worklist", **_kept(kind)), 303)
    with units.reading() as session:
        content = _content(session, current_by(), key, kind)
    case: Case | None = content["case"]
    if form is None:
        form = form_for(case.one.key) if case is not None else PlainForm()
    drawn, status = units.draw("desk/work_worklist.html", form=form, key=key, **content)
    return drawn, 404 if key and case is None and status == 200 else status


def _key(text: str) -> Key | None:
    """Read the name of a case from the address; None for what is none."""
    kind, _dash, number = text.partition("-")
    id_ = read_id(number)
    return Key(kind, id_) if kind in _kinds() and id_ is not None else None


def _kind() -> str | None:
    kind = request.args.get("kind", "")
    return kind if kind in _kinds() else None


def _kinds() -> list[str]:
    return [kind.name for kind in work_kinds()]


def _kept(kind: str | None) -> dict[str, str]:
    return {"kind": kind} if kind else {}


def _content(session: Session, by: By, key: Key | None, kind: str | None) -> dict[str, Any]:
    now = units.now()
    found = waiting_for(session, by, work_kinds(), now=now, kind=kind, key=key)
    here = found.find(key) if key else next(iter(found.rows), None)
    total, by_kind = sum(found.counts.values()), found.counts
    return {
        "rows": _rows(found.rows, here, kind, now),
        "total": total if kind is None else by_kind.get(kind, 0),
        "kinds": [(name, words.KINDS[name], by_kind[name]) for name in _kinds() if name in by_kind],
        "kind": kind,
        "case": None if here is None else read_case(session, by, here, now=now),
        "counts": {"work.worklist": total},
        "may_search": by.holds(*PEOPLE),
        "may_enter": by.holds(*HAND_ROLES),
        "own_address": _address(here, kind) if here else "",
    }


def _address(one: Waiting, kind: str | None) -> str:
    return url_for("work.worklist", case=str(one.key), **_kept(kind))


def _rows(rows: list[Waiting], here: Waiting | None, kind: str | None, now: datetime) -> list[Any]:
    begun = url_for("work.worklist", **_kept(kind), case="")  # The same for all but for the end.
    return [words.row(one, href=f"{begun}{one.key}", is_here=one is here, now=now) for one in rows]
