"""Enrol a household at the counter, and what to hand out afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for

from timebank.hours import may as hours
from timebank.hours.queries import volunteer_of
from timebank.households.actions import enrol_family
from timebank.people import may
from timebank.people.queries import (
    cards_of_people,
    consents_of,
    member_records,
    pin_wish_of,
    proofs_of_household,
    waiting_card_issue_of,
)
from timebank.people.queries import household as household_of
from timebank.people.rules import print_card_no
from timebank.people.rules.ages import MINOR_GROUPS
from timebank.people.rules.records import CONSENT_KINDS, CONSENT_VERSION, REGISTER
from web import units
from web.auth import current_by, needs
from web.households.changing import buildings_for
from web.households.consent import CONSENT_TEXTS
from web.households.forms import FamilyForm
from web.pages import BOTH, WORK, page
from web.people.sight import reads_names, require_sight, shown_name
from web.reader import gettext as _


@page(WORK, "/households/new", "households_new", methods=BOTH, under="work.people")
@needs(may.ENROL_HOUSEHOLDS)
def new() -> Any:
    """Enrol a whole household: who, where, which papers, what they agreed to."""
    return draw_enrolment(FamilyForm(), enrol_family, back=url_for("work.people"))


def draw_enrolment(
    form: FamilyForm,
    action: Callable[..., Any],
    *,
    back: str,
    content: dict[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> Any:
    """Draw the page on which a household is enrolled, and enrol it by an action.

    ``content`` is what the action takes besides the household.
    """
    by = current_by()
    with units.reading() as session:
        buildings = buildings_for(session, by)
    added = request.form.get("add", "")
    if added:
        form.add(added)
    form.offer(buildings)
    if not added and form.validate_on_submit():
        receipt = units.tried(action, form, family=form.family(), **(content or {}))
        if receipt is not None:
            return redirect(url_for("work.household_ready", household_id=receipt.household_id), 303)
    texts = {kind: CONSENT_TEXTS[kind, CONSENT_VERSION] for kind in CONSENT_KINDS}
    return units.draw(
        "households/new.html", form=form, texts=texts, version=CONSENT_VERSION, back=back,
        here=url_for(request.endpoint or "", **(request.view_args or {})), warnings=warnings,
        may_register=hours.REGISTER_VOLUNTEERS.is_held_everywhere(by),
    )  # fmt: skip


@page(WORK, "/households/<int:household_id>/ready", "household_ready", under="work.people")
@needs(may.ENROL_HOUSEHOLDS)
def ready(household_id: int) -> Any:
    """What to hand to a household, and what is missing."""
    by = current_by()
    with units.reading() as session:
        home = household_of(session, by.community_id, household_id)
        require_sight(by, may.ENROL_HOUSEHOLDS, kind="household", grid_id=home.grid_id)
        ids = [member.id for member in home.members]
        records = member_records(session, by.community_id, ids)
        cards = cards_of_people(session, by.community_id, ids)
        waiting = {
            person_id: issue
            for person_id in ids
            if (
                issue := waiting_card_issue_of(session, by.community_id, person_id, now=units.now())
            )
        }
        volunteers = {
            person_id: found.volunteer_no
            for person_id in ids
            if (found := volunteer_of(session, by.community_id, person_id))
        }
        papers = proofs_of_household(session, by.community_id, household_id, on=units.today())
        held = consents_of(session, by.community_id, ids)
        wish = pin_wish_of(session, by.community_id, household_id)
    people = [
        {
            "id": member.id,
            "name": shown_name(by, member),
            "volunteer_no": volunteers.get(member.id),
            "card_no": print_card_no(cards[member.id].card_no) if member.id in cards else "",
            "issue": waiting.get(member.id),
            "lacks": _lacks(member, records[member.id], held),
        }
        for member in home.members
    ]
    return render_template(
        "households/ready.html", household=home, people=people, papers=papers, wish=wish,
        is_open=reads_names(by, home.grid_id),
    )  # fmt: skip


def _lacks(member: Any, record: Any, held: Any) -> list[str]:
    """What somebody still has to bring or say; nothing of it stops the enrolment."""
    is_minor = member.age_group_on(units.today()) in MINOR_GROUPS
    missing = [
        (record.has_document, _("还没看过身份证")),
        (member.age_group is not None, _("不知道生日")),
        ((member.id, REGISTER) in held, _("没有同意登记的记录")),
        (record.relation is not None, _("没写和户主的关系")),
        (record.has_phone or is_minor or record.relation != "head", _("没有电话")),
    ]
    return [word for is_there, word in missing if not is_there]
