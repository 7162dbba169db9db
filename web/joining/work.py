"""The counter: who has registered, one of them with their document, and who can do what."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from timebank.errors import NotFound
from timebank.hours import may as hours
from timebank.hours.queries import all_services
from timebank.joining import may
from timebank.joining.actions import complete_helper, complete_registration, end_registration
from timebank.joining.known import why_known
from timebank.joining.queries import (
    OfferedService,
    Registration,
    offered_services,
    others_waiting,
    registration_reached,
    waiting_by_no,
    waiting_list,
)
from timebank.joining.rules import is_minor, read_registration_no, shown_no
from timebank.people import may as people
from timebank.people.queries import briefs, places
from timebank.people.rules.names import mask_name
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.households.enrolling import draw_enrolment
from web.households.forms import FamilyForm
from web.joining.forms import EndForm, FindForm, HelperForm
from web.joining.prefilled import family_of
from web.joining.words import KNOWN_WORDS, TIME_WORDS
from web.pages import BOTH, MANAGE, SHORTCUTS, WORK, MenuPlace, page
from web.people.sight import shown_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

PLACE = MenuPlace(
    bar=SHORTCUTS, word=_l("自己报名的人"), icon="users", order=20, right=may.COMPLETE,
    also=("work.registration",),
)  # fmt: skip
OFFERS = MenuPlace(
    bar=MANAGE, word=_l("谁会做什么"), icon="heart-handshake", order=55,
    says=_l("志愿者报名时说的：会做什么、什么时候有空"), right=may.READ_OFFERS,
)  # fmt: skip


@page(WORK, "/registrations", "registrations", methods=BOTH, places=(PLACE,))
@needs(may.COMPLETE)
def registrations() -> Any:
    """List who has registered and not come yet; find one by the number of their slip."""
    by, form = current_by(), FindForm()
    if form.validate_on_submit():
        number = read_registration_no(form.registration_no.data or "")
        try:
            with units.reading() as session:
                found = waiting_by_no(session, by, number or "", now=units.now())
            return redirect(url_for("work.registration", registration_id=found), 303)
        except NotFound:
            form.registration_no.errors = [
                _("没有这份报名：可能输错了，已经办完、撤回，或者过了日子。")
            ]
    with units.reading() as session:
        rows = waiting_list(session, by, now=units.now())
        buildings = {one.id: one.number for one in places(session, by.community_id, "building")}
    shown = [(one, mask_name(one.name), buildings.get(one.building_id or 0)) for one in rows]
    return units.draw("joining/work_registrations.html", form=form, rows=shown, shown_no=shown_no)


@page(
    WORK, "/registrations/<int:registration_id>", "registration", methods=BOTH,
    under="work.registrations",
)  # fmt: skip
@needs(may.COMPLETE)
def registration(registration_id: int) -> Any:
    """Show what somebody registered; enrol them from here, or note why nothing comes of it."""
    form, helper, registered = EndForm(), HelperForm(), _reached(registration_id)
    is_helper = request.form.get("do") == "helper"
    if is_helper and helper.validate_on_submit():
        told = {"id_no": helper.id_no.data or "", "is_other_person": helper.is_other_person.data}
        done = units.tried(complete_helper, helper, registration_id=registered.id, **told)
        if done is not None:
            flash(_("登记好了，志愿者号 %(no)s。", no=done.volunteer_no))
            return redirect(url_for("work.people_person", person_id=done.person_id), 303)
    elif not is_helper and form.validate_on_submit():
        why = form.end_why.data or ""
        if units.tried(end_registration, form, registration_id=registered.id, why=why) is not None:
            flash(_("记下了，这份报名填的内容已经删掉。"))
            return redirect(url_for("work.registrations"), 303)
    return units.draw(
        "joining/work_registration.html", form=helper if is_helper else form,
        end=form, helper=helper, one=registered, shown_no=shown_no, facts=_facts(registered),
        warnings=_warnings(registered), may_help=_may_enrol_helpers(),
    )  # fmt: skip


def _reached(registration_id: int) -> Registration:
    with units.reading() as session:
        return registration_reached(session, current_by(), registration_id, now=units.now())


def _may_enrol_helpers() -> bool:
    by = current_by()
    rights = (people.ENROL_PEOPLE, hours.REGISTER_VOLUNTEERS)
    return all(right.is_held_everywhere(by) for right in rights)


def _facts(registered: Registration) -> list[tuple[str, str]]:
    with units.reading() as session:
        community_id = current_by().community_id
        buildings = {place.id: place.number for place in places(session, community_id, "building")}
        names = {
            kind.id: own_name(kind, language()) for kind in all_services(session, community_id)
        }
    number = buildings.get(registered.building_id or 0)
    home = _("不住在这个社区") if number is None else _("%(number)s 号楼", number=number)
    facts = [
        (_("姓名"), registered.name),
        (_("出生日期"), registered.birth_on.isoformat()),
        (_("住在哪里"), home),
        (_("电话"), registered.phone),
    ]
    if registered.guardian_name:
        facts += [(_("监护人"), f"{registered.guardian_name} {registered.guardian_phone}")]
    if registered.is_volunteer:
        can = [names[service_id] for service_id in registered.service_ids]
        when = [str(TIME_WORDS[time]) for time in registered.times]
        facts += [
            (_("会做什么"), _("、").join(can) or _("没有写")),
            (_("什么时候有空"), _("、").join(when) or _("没有写")),
        ]
    return facts


def _warnings(registered: Registration) -> list[str]:
    """What the counter has to look at before it enrols somebody."""
    with units.reading() as session:
        why = why_known(session, current_by().community_id, registered)
        others = others_waiting(session, current_by().community_id, registered)
    told = [str(KNOWN_WORDS[why])] if why else []
    if others:
        told.append(_("同一天生日的报名还有 %(count)s 份，可能是同一个人报了两次。", count=others))
    if is_minor(registered.birth_on, units.today()):
        told.append(_("未满 18 岁：请监护人一起来，看监护人的证件。"))
    return told


@page(
    WORK, "/registrations/<int:registration_id>/enrol", "registration_enrol", methods=BOTH,
    under="work.registrations",
)  # fmt: skip
@needs(may.COMPLETE)
def enrol(registration_id: int) -> Any:
    """Enrol a household from a registration: the page of the counter with its fields filled."""
    registered = _reached(registration_id)
    return draw_enrolment(
        FamilyForm(data=family_of(registered, units.today())), complete_registration,
        content={"registration_id": registered.id},
        back=url_for("work.registration", registration_id=registered.id),
        warnings=_warnings(registered),
    )  # fmt: skip


@page(WORK, "/offers", "offers", places=(OFFERS,))
@needs(may.READ_OFFERS)
def offers() -> Any:
    """List by service who said that they can do it, and when."""
    by = current_by()
    with units.reading() as session:
        known = offered_services(session, by.community_id)
        known_people = briefs(session, by.community_id, {one.person_id for one in known})
        services = all_services(session, by.community_id)
    by_service: dict[int, list[tuple[OfferedService, str]]] = {}
    for one in known:
        name = shown_name(by, known_people[one.person_id])
        by_service.setdefault(one.service_id, []).append((one, name))
    rows = [(own_name(kind, language()), by_service.get(kind.id, [])) for kind in services]
    rows = [row for row in rows if row[1]]
    return render_template("joining/work_offers.html", rows=rows, times=TIME_WORDS)
