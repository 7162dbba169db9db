"""The audit page: who did what to whom, when; with filters in the address."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import redirect, render_template, request, url_for
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
)
from timebank.people.queries import Household, household, household_by_no
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.forms import PlainForm
from web.listing import listed, read_cursor
from web.oversight.words import actor_word, channel_word, deed_word, fact_words, whom_word
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_day, read_household_no, read_id
from web.subjects import gathered

LINES_A_PAGE = 50
OLDEST = "at"  # As the address of a table says it; otherwise the newest come first.
# What an address may ask for.
ADDRESS = ("deed", "who", "home", "from", "until", "sort")
PLACE = MenuPlace(bar=DESK, word=_l("办事记录"), icon="clock", order=60, right=may.READ_AUDIT)


@page(WORK, "/audit", "audit", methods=BOTH, places=(PLACE,))
@needs(may.READ_AUDIT)
def audit() -> Any:
    """Show who did what to whom, newest first unless the address asks otherwise.

    A household is named in the body, never in an address: the answer is the address with its id.
    """
    by, form = current_by(), PlainForm()
    with units.reading() as session:
        if form.validate_on_submit():
            home = _home_of(session, by)
            if home is not None:
                return redirect(url_for("work.audit", **_asked() | {"home": home.id}), 303)
            return _drawn(session, by, form, is_unknown=True)
        return _drawn(session, by, form)


def _home_of(session: Session, by: By) -> Household | None:
    number = read_household_no(request.form.get("household_no"))
    with suppress(NotFound):
        return household_by_no(session, by.community_id, number) if number else None
    return None


def _drawn(session: Session, by: By, form: PlainForm, *, is_unknown: bool = False) -> str:
    wanted, before = wanted_of(request.args), read_cursor(request.args.get("before"), 2)
    staff, home = actors(session, by.community_id), None
    found: list[AuditTold] = []
    with suppress(NotFound):  # The household of an address that somebody changed.
        found = audit_trail(session, by, wanted, limit=LINES_A_PAGE + 1, before=before)
        if wanted.household_id is not None:
            home = household(session, by.community_id, wanted.household_id)
    page_of = listed(found, LINES_A_PAGE, lambda told: trail_key(told.line), at=before)
    return render_template(
        "oversight/work_audit.html", listed=page_of, wanted=wanted, form=form, home=home,
        staff_choices=_choices(staff), deeds=_deeds(), is_unknown=is_unknown, asked=_asked(),
        without_home=_asked("home"), today=units.today(), actor_word=actor_word,
        deed_word=deed_word, whom_word=whom_word, fact_words=fact_words, channel_word=channel_word,
    )  # fmt: skip


def wanted_of(query: Mapping[str, str]) -> AuditWanted:
    """What an address looks for; what is invalid counts as absent."""
    name = query.get("deed", "")
    return AuditWanted(
        name=name if name in gathered().audited else None,
        user_id=read_id(query.get("who")),
        household_id=read_id(query.get("home")),
        from_on=read_day(query.get("from")),
        until_on=read_day(query.get("until")),
        is_oldest_first=query.get("sort") == OLDEST,
    )


def _asked(*left_out: str) -> dict[str, str]:
    """What the address asks for, for the links to the next page."""
    return {
        name: request.args[name]
        for name in ADDRESS
        if request.args.get(name) and name not in left_out
    }


def _choices(staff: list[Actor]) -> list[tuple[str, str]]:
    """The staff by name, with what they sign in as where two share a name."""
    return [(str(actor.user_id), f"{actor.name} · {actor.login_name}") for actor in staff]


def _deeds() -> list[tuple[str, str]]:
    words = [(name, str(word)) for name, word in gathered().audited.items()]
    return [("", _("全部")), *sorted(words, key=lambda pair: pair[1])]
