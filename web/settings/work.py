"""The rules for staff: every parameter with its versions, and its change by two people."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from timebank.desk.may import KEEP_CALENDAR
from timebank.errors import BadInput, NotFound
from timebank.goods.may import SET_OPENING
from timebank.goods.queries import stores_served
from timebank.policy.queries import parameters_on
from timebank.policy.rules import PARAMETERS, Parameter
from timebank.settings import actions, may
from timebank.settings.queries import Change, change_named, change_read
from timebank.settings.rules import NewChange, check_change
from timebank.values import By
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.settings.comparing import chosen_sets, compare_sets
from web.settings.forms import ChangeForm, form_for
from web.settings.reading import (
    effects_shown,
    in_groups,
    setting_on,
    settings_on,
    settled_changes,
    versions_of,
)
from web.settings.sentences import default_of, sentence

PLACE = MenuPlace(
    bar=DESK, word=_l("规则"), icon="scale", order=27, right=may.READ, also=("work.settings",)
)


@page(WORK, "/settings", "settings", places=(PLACE,))
@needs(may.READ)
def settings() -> str:
    """List every parameter, by group; a search keeps those in which the text stands."""
    by, wanted = current_by(), request.args.get("q", "").strip()[:60]
    with units.reading() as session:
        known = settings_on(session, by, units.today(), units.now())
        shops = stores_served(session, by, SET_OPENING)
    found = [one for one in known if one.has(wanted.casefold())]
    return render_template(
        "settings/work_settings.html", groups=in_groups(found), wanted=wanted,
        waiting=[change for one in known for change in one.waiting],
        sentence=sentence, shops=shops,
        may_keep_calendar=KEEP_CALENDAR.is_held_everywhere(by),
    )  # fmt: skip


@page(WORK, "/settings/compare", "settings_compare", under="work.settings")
@needs(may.READ)
def compare() -> str:
    """Put two or three published sets beside the rules of this community."""
    codes = chosen_sets(request.args.getlist("set"))
    with units.reading() as session:
        current = parameters_on(session, current_by().community_id, units.today())
    return render_template("settings/work_compare.html", compared=compare_sets(current, codes))


@page(WORK, "/settings/<key>", "settings_one", under="work.settings")
@needs(may.READ)
def one(key: str) -> str:
    """Show one parameter: what it means, its versions, and what was proposed."""
    by = _known(key)
    with units.reading() as session:
        return render_template(
            "settings/work_setting.html",
            setting=setting_on(session, by.community_id, key, units.today()),
            versions=versions_of(session, by.community_id, key, units.today()),
            changes=settled_changes(session, by.community_id, key, units.now()),
            sentence=sentence, may_propose=may.PROPOSE.is_held_everywhere(by),
        )  # fmt: skip


def _known(key: str) -> By:
    if key not in PARAMETERS:
        raise NotFound(kind="parameter")
    return current_by()


@page(WORK, "/settings/<key>/change", "settings_change", methods=BOTH, under="work.settings")
@needs(may.PROPOSE)
@proven
def change(key: str) -> Any:
    """Propose another value: first look at whom it concerns, then send it to a second person."""
    by, form, effects = _known(key), form_for(key)(), None
    with units.reading() as session:
        setting = setting_on(session, by.community_id, key, units.today())
        if request.method == "GET":
            form.show(setting.row and setting.row.value)
        if form.validate_on_submit():
            row = _row_of(form)
            effects = None if row is None else effects_shown(session, by, row, units.now())
    if effects is not None and request.form.get("do") == "propose":
        receipt = units.tried(actions.propose_setting, form, key=key, **_content(form))
        if receipt is not None:
            flash(_("已经提出。等另一位负责人或者审批人同意，到那一天就照新的办。"))
            return redirect(url_for("work.settings_at", change_id=receipt.change_id), 303)
    return units.draw(
        "settings/work_change.html", form=form, setting=setting, effects=effects,
        becomes=None if effects is None else sentence(key, form.value()),
    )  # fmt: skip


def _content(form: ChangeForm) -> dict[str, Any]:
    return {
        "value": form.value(), "valid_from_on": form.valid_from_on.data,
        "source": form.source.data or "", "reason": form.reason.data or "",
    }  # fmt: skip


def _row_of(form: ChangeForm) -> Parameter | None:
    """The row that a form asks for; what is wrong with it is shown on the form."""
    content = _content(form)
    try:
        new = check_change(NewChange(key=form.key, **content), today=units.today())
    except BadInput as refusal:
        form.refuse(refusal)
        return None
    return Parameter(
        key=new.key, value=new.value, unit=PARAMETERS[new.key].unit,
        valid_from_on=new.valid_from_on, source=new.source, note=new.reason,
    )  # fmt: skip


_DEEDS: dict[str, Any] = {"confirm": actions.confirm_setting, "withdraw": actions.withdraw_setting}


@page(WORK, "/settings/changes/<int:change_id>", "settings_at", methods=BOTH, under="work.settings")
@needs(may.READ)
@proven
def change_at(change_id: int) -> Any:
    """Show a proposed change and for whom it changes something: confirm it, or withdraw it."""
    by, form, do = current_by(), PlainForm(), request.form.get("do", "")
    if do in _DEEDS and form.validate_on_submit():
        settled = units.tried(_DEEDS[do], form, change_id=change_id)
        if settled is not None:
            return _settled(do, change_id)
    with units.reading() as session:
        proposed = change_named(session, by.community_id, change_id)
        state = proposed.state(units.now())
        read = change_read(session, by.community_id, proposed.row, now=units.now())
        before = read.before.rows.get(proposed.key)
        in_force = default_of(proposed.key) if before is None else before.value
        effects = (
            effects_shown(session, by, proposed.row, units.now()) if state == "waiting" else []
        )
    return units.draw(
        "settings/work_change_at.html", form=form, one=proposed, state=state, effects=effects,
        becomes=sentence(proposed.key, proposed.value), was=sentence(proposed.key, in_force),
        may_confirm=_is_second(by, proposed), may_withdraw=may.PROPOSE.is_held_everywhere(by),
    )  # fmt: skip


def _is_second(by: By, one: Change) -> bool:
    """Whether the page offers to confirm; the action decides."""
    return may.CONFIRM.is_held_everywhere(by) and by.person_id != one.asked_by_person_id


def _settled(do: str, change_id: int) -> Response:
    said = {
        "confirm": _("已经同意。到那一天就照新的办，以前的日子还照原来的。"),
        "withdraw": _("已经收回，规则不变。"),
    }
    flash(said[do])
    return redirect(url_for("work.settings_at", change_id=change_id), 303)
