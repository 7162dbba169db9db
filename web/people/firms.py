"""The firms and groups for the coordinators: who speaks for each, and a slip for a new one."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.errors import NotFound
from timebank.people import actions, may
from timebank.people.queries import Representative, organisations, representatives
from timebank.values import By
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.listing import page_of
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.people.staff_forms import FirmForm, RepresentativeForm
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id

FIRMS_A_PAGE = 40
PLACE = MenuPlace(
    bar=MANAGE,
    word=_l("合作单位"),
    icon="store",
    order=65,
    says=_l("捐过东西的单位，谁替它看账"),
    right=may.KEEP_REPRESENTATIVES,
)


@page(WORK, "/firms", "firms", methods=BOTH, places=(PLACE,))
@needs(may.KEEP_REPRESENTATIVES)
@proven
def firms() -> Any:
    """List the firms with those who speak for them; end one of these."""
    by, form = current_by(), PlainForm()
    ended_id = read_id(request.form.get("end")) or 0
    if form.validate_on_submit():
        values = {"representative_id": ended_id}
        if units.tried(actions.end_representative, form, **values) is not None:
            flash(_("他不再代表这家单位，马上看不到单位的对账单。"))
            return redirect(url_for("work.firms"), 303)
    with units.reading() as session:
        listed = organisations(session, by.community_id)
        named = representatives(session, by.community_id)
    of_firm: dict[int, list[Representative]] = {}
    for one in named:
        of_firm.setdefault(one.organisation_id, []).append(one)
    shown = [one for one in listed if is_wanted(of_firm.get(one.id, ()), request.args)]
    if request.args.get("sort") == "trade":
        shown.sort(key=lambda one: (one.trade, one.name))
    asked = {name: request.args[name] for name in ("state", "sort") if request.args.get(name)}
    return units.draw(
        "people/work_firms.html", form=form, listed=page_of(shown, FIRMS_A_PAGE, request.args),
        of_firm=of_firm, asked=asked,
    )  # fmt: skip


def is_wanted(speakers: Collection[Representative], query: Mapping[str, str]) -> bool:
    """Tell whether a firm is among those that an address asks for."""
    return query.get("state") != "without" or not speakers


@page(WORK, "/firms/new", "firms_new", methods=BOTH)
@needs(may.ADD_ORGANISATIONS)
def new() -> Any:
    """Register a firm, a group or an office that gives."""
    form = FirmForm()
    if form.validate_on_submit():
        given = {name: form[name].data or "" for name in ("name", "kind", "trade", "contacts")}
        firm = actions.NewOrganisation(**given)
        if units.tried(actions.add_organisations, form, organisations=(firm,)) is not None:
            flash(_("登记好了。收物品的时候，可以选这家单位。"))
            is_listed = may.KEEP_REPRESENTATIVES.is_held(current_by())
            return redirect(url_for("work.firms" if is_listed else "work.firms_new"), 303)
    return units.draw("people/work_firm_new.html", form=form)


@page(WORK, "/firms/<int:organisation_id>/invite", "firms_invite", methods=BOTH)
@needs(may.KEEP_REPRESENTATIVES)
@proven
def invite(organisation_id: int) -> Any:
    """Invite somebody to speak for a firm, by name and phone."""
    by, form = current_by(), RepresentativeForm()
    firm = _firm(by, organisation_id)
    if form.validate_on_submit():
        values = {"name": form.name.data or "", "phone": form.phone.data or ""}
        receipt = units.tried(
            actions.invite_representative, form, organisation_id=organisation_id, **values
        )
        if receipt is not None:
            onward = url_for("work.staff_invitation", invitation_id=receipt.invitation_id)
            return redirect(onward, 303)
    return units.draw("people/work_firm_invite.html", form=form, firm=firm)


def _firm(by: By, organisation_id: int) -> Any:
    with units.reading() as session:
        listed = organisations(session, by.community_id)
    firm = next((one for one in listed if one.id == organisation_id), None)
    if firm is None:
        raise NotFound(kind="organisation")
    return firm
