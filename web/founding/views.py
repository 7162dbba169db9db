"""The five steps, the last look, and what comes after it."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from timebank.errors import TimebankError
from timebank.founding import set_up
from timebank.founding.entering import slip_code
from timebank.founding.queries import first_slips, set_up_draft_now
from timebank.founding.refusals import SetUpUnfinished
from timebank.founding.steps import STEPS, is_saved, next_step, step_faults, with_step
from web import units
from web.forms import PlainForm
from web.founding.comparing import compare_presets
from web.founding.forms import CommunityForm, PeopleForm, PlacesForm, RulesForm, StartForm, StepForm
from web.founding.guard import (
    SET_UP,
    after_set_up,
    before_founding,
    in_set_up,
    is_inside,
    remember_code,
)
from web.founding.lacking import lack_lines
from web.founding.previewing import preview, summaries
from web.founding.shop_form import ShopForm
from web.founding.words import STEP_WORDS
from web.network import sender
from web.pages import BOTH, page
from web.redrawing import is_redrawn
from web.words import sentence

Answer = Response | tuple[str, int] | str
LAST = "last"


@page(SET_UP, "", "start", methods=BOTH)
@before_founding
def start() -> Answer:
    """Ask for the code that the server printed; whoever has typed it goes on where they were."""
    if request.method == "GET" and is_inside():
        return _onward()
    form = StartForm()
    if form.validate_on_submit():
        try:
            remember_code(
                set_up.open_set_up(units.database(), typed=form.code.data, source=sender())
            )
            return _onward()
        except TimebankError as refusal:
            form.code.errors = [sentence(refusal)]
            form.refusal = refusal
    return units.draw("founding/start.html", form=form)


def _onward() -> Response:
    """The first step that is missing, or the last look."""
    with units.reading() as session:
        step = next_step(set_up_draft_now(session).tables)
    return redirect(url_for(f"set_up.{step or LAST}"), 303)


@page(SET_UP, "/community", "community", methods=BOTH)
@in_set_up
def community() -> Answer:
    """The names, where it is, and whom to ask."""
    return _step("community", CommunityForm)


@page(SET_UP, "/places", "places", methods=BOTH)
@in_set_up
def places() -> Answer:
    """Buildings and grids, counted or listed."""
    return _step("places", PlacesForm)


@page(SET_UP, "/rules", "rules", methods=BOTH)
@in_set_up
def rules() -> Answer:
    """The sets of rules side by side."""
    return _step("rules", RulesForm)


@page(SET_UP, "/shop", "shop", methods=BOTH)
@in_set_up
def shop() -> Answer:
    """The shop, a donation point, goods and services."""
    return _step("shop", ShopForm)


@page(SET_UP, "/people", "people", methods=BOTH)
@in_set_up
def people() -> Answer:
    """The first two people of staff."""
    return _step("people", PeopleForm)


def _step(step: str, kind: type[StepForm]) -> Answer:
    with units.reading() as session:
        saved = set_up_draft_now(session).tables
    form = kind(data=kind.of(saved))
    tables = saved
    if request.method == "POST" and not is_redrawn():
        tables = with_step(saved, step, form.tables())
        if form.validate():
            faults = step_faults(step, tables, today=units.today())
            form.show(faults)
            if not faults and request.form.get("do") != "look":
                return _save(step, form)
    elif request.method == "GET" and not is_saved(step, saved):
        tables = with_step(saved, step, form.tables())
    return units.draw(
        f"founding/{step}.html", form=form, **_frame(step, tables, saved), **_more(form)
    )


def _save(step: str, form: StepForm) -> Answer:
    set_up.save_step(units.database(), step=step, given=form.tables())
    names = [*STEPS, LAST]
    following = names[names.index(step) + 1]
    return redirect(url_for(f"set_up.{following}"), 303)


def _frame(step: str, tables: dict[str, Any], saved: dict[str, Any]) -> dict[str, Any]:
    """What every step shows: the row of steps, what it comes to, and what is still missing."""
    names = list(STEPS)
    number = names.index(step) + 1 if step in names else len(names) + 1
    return {
        "step": step,
        "number": number,
        "steps": [(name, STEP_WORDS[name], is_saved(name, saved)) for name in names],
        "summaries": summaries(saved, today=units.today()),
        "preview": preview(step, tables, today=units.today()) if step in STEPS else [],
        "back": url_for(f"set_up.{names[number - 2]}") if number > 1 else "",
    }


def _more(form: StepForm) -> dict[str, Any]:
    """What the page of the rules shows besides its form."""
    if not isinstance(form, RulesForm):
        return {}
    return {"comparison": compare_presets(str(form.preset.data or ""))}


@page(SET_UP, "/last", LAST, methods=BOTH)
@in_set_up
def last() -> Answer:
    """Everything once more; the button founds the community."""
    with units.reading() as session:
        saved = set_up_draft_now(session).tables
    missing = next_step(saved)
    if missing is not None:
        return redirect(url_for(f"set_up.{missing}"), 303)
    form = PlainForm()
    if form.validate_on_submit():
        try:
            set_up.found_from_draft(units.database())
            return redirect(url_for("set_up.done"), 303)
        except SetUpUnfinished as refusal:
            form.refuse(refusal)
    rows = [(step, STEP_WORDS[step], preview(step, saved, today=units.today())) for step in STEPS]
    return units.draw("founding/last.html", form=form, rows=rows, **_frame(LAST, saved, saved))


@page(SET_UP, "/done", "done")
@after_set_up
def done() -> str:
    """The slips of the first two people, for an hour, and what is still missing."""
    with units.reading() as session:
        slips = [
            (name, slip_code(session, person_id))
            for person_id, name in first_slips(session, now=units.now())
        ]
        lines = lack_lines(session, units.community_id())
    return render_template("founding/done.html", slips=slips, lines=lines)
