"""Change what is known of a person or a household; the history of a household."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from timebank.errors import NotAllowed, NotFound
from timebank.people import may
from timebank.people.actions import (
    change_home,
    change_person,
    give_consent,
    withdraw_consent,
)
from timebank.people.queries import (
    briefs,
    consents_of,
    detail_changes,
    home_changes,
    household_briefs,
    household_then,
    member_records,
    person_brief,
    places,
)
from timebank.people.queries import household as household_of
from timebank.people.rules.records import CONSENT_KINDS, CONSENT_VERSION
from timebank.values import By, local_instant
from web import units
from web.auth import current_by, needs
from web.forms import named
from web.households.change_forms import ConsentForm, HomeForm, PersonForm, building_choices
from web.households.consent import CONSENT_TEXTS
from web.households.words import CONSENT_WORDS, DETAIL_WORDS, MOVE_WORDS, RELATION_WORDS
from web.pages import BOTH, WORK, page
from web.people.sight import reads_names, require_sight, shown_name
from web.reader import gettext as _
from web.reading import read_id, read_past_day


def buildings_for(session: Any, by: By) -> list[Any]:
    """The buildings in which somebody may enrol and move people."""
    return [
        place
        for place in places(session, by.community_id, "building")
        if may.ENROL_HOUSEHOLDS.is_held_at(by, place.parent_id)
    ]


def require_not_own(by: By, household_id: int | None) -> None:
    """**Refuses**: ``NotAllowed`` for one's own household, as the actions do."""
    if by.household_id is not None and by.household_id == household_id:
        raise NotAllowed(deed="change_person", why="own_household")


@page(
    WORK, "/people/<int:person_id>/change", "person_change", methods=BOTH, under="work.people"
)  # fmt: skip
@needs(may.ENROL_HOUSEHOLDS)
def person(person_id: int) -> Any:
    """Change a person's name, phone, contact, language, needs, or enter their document."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.ENROL_HOUSEHOLDS, kind="person", grid_id=brief.grid_id)
        record = member_records(session, by.community_id, [person_id])[person_id]
    require_not_own(by, brief.household_id)
    form = PersonForm.of(brief, record)
    form.offer()
    if form.validate_on_submit():
        changed = units.tried(change_person, form, person_id=person_id, details=form.details())
        if changed is not None:
            words = [str(DETAIL_WORDS[name]) for name in changed.details]
            flash(_("记下了：%(what)s。", what=_("、").join(words)) if words else _("没有改动。"))
            return redirect(url_for("work.people_person", person_id=person_id), 303)
    return units.draw("households/person.html", form=form, person=brief, record=record)


@page(
    WORK, "/people/<int:person_id>/consents", "person_consents", methods=BOTH, under="work.people"
)  # fmt: skip
@needs(may.ENROL_HOUSEHOLDS)
def consents(person_id: int) -> Any:
    """Show what a person agreed to; record a consent, or withdraw it."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.ENROL_HOUSEHOLDS, kind="person", grid_id=brief.grid_id)
        held = consents_of(session, by.community_id, [person_id])
        said = briefs(session, by.community_id, {one.said_by_person_id for one in held.values()})
    kinds = {kind for _person, kind in held}
    do, form = request.form.get("do", ""), ConsentForm()
    form.kind.choices = named(*((kind, CONSENT_WORDS[kind]) for kind in CONSENT_KINDS))
    if form.validate_on_submit():
        deed = give_consent if do == "give" else withdraw_consent
        if units.tried(deed, form, person_id=person_id, kind=form.kind.data) is not None:
            flash(_("记下了。") if do == "give" else _("已经收回。以前同意过的记录还留着。"))
            return redirect(url_for("work.person_consents", person_id=person_id), 303)
    return units.draw(
        "households/consents.html", form=form, person=brief, shown=shown_name(by, brief),
        held=[held[key] for key in sorted(held)], texts=CONSENT_TEXTS, words=CONSENT_WORDS,
        others=[kind for kind in CONSENT_KINDS if kind not in kinds], version=CONSENT_VERSION,
        said={one.id: shown_name(by, one) for one in said.values()},
    )  # fmt: skip


@page(
    WORK, "/households/<int:household_id>/address", "household_address", methods=BOTH,
    under="work.people",
)  # fmt: skip
@needs(may.ENROL_HOUSEHOLDS)
def address(household_id: int) -> Any:
    """Record that a whole household moved within the community."""
    by = current_by()
    with units.reading() as session:
        home = household_of(session, by.community_id, household_id)
        require_sight(by, may.ENROL_HOUSEHOLDS, kind="household", grid_id=home.grid_id)
        buildings = buildings_for(session, by)
    require_not_own(by, household_id)
    form = HomeForm(data={"building_id": str(home.building_id)})
    form.building_id.choices = building_choices(buildings)
    if form.validate_on_submit():
        building_id = read_id(form.building_id.data)
        if building_id is None:
            form.building_id.errors = [_("请选择。")]
        else:
            values = {"building_id": building_id, "door": form.door.data or ""}
            if units.tried(change_home, form, household_id=household_id, **values) is not None:
                flash(_("记下了。以前的地址还查得到。"))
                return redirect(url_for("work.people_household", household_id=household_id), 303)
    return units.draw("households/address.html", form=form, household=home)


@page(
    WORK, "/households/<int:household_id>/history", "household_history", under="work.people"
)  # fmt: skip
@needs(may.ENROL_HOUSEHOLDS)
def history(household_id: int) -> Any:
    """Who lived in a household on a day, and what changed since it was enrolled."""
    by, today = current_by(), units.today()
    on = read_past_day(request.args.get("on", ""), today) or today
    with units.reading() as session:
        home = household_of(session, by.community_id, household_id)
        require_sight(by, may.ENROL_HOUSEHOLDS, kind="household", grid_id=home.grid_id)
        then = _then(session, by, household_id, on)
        moves = home_changes(session, by.community_id, household_id)
        people = {move.person_id for move in moves} | {one.id for one in home.members}
        details = detail_changes(session, by.community_id, household_id, people)
        homes = {
            one for move in moves for one in (move.from_household_id, move.to_household_id) if one
        }
        numbers = household_briefs(session, by.community_id, homes)
    return render_template(
        "households/history.html", household=home, then=then, on=on, moves=moves,
        details=details, numbers=numbers, is_open=reads_names(by, home.grid_id),
        move_words=MOVE_WORDS, detail_words=DETAIL_WORDS, relation_words=RELATION_WORDS,
    )  # fmt: skip


def _then(session: Any, by: By, household_id: int, on: date) -> Any:
    """The household at the end of a day; None before it was enrolled."""
    try:
        at = local_instant(on, 23, 59)
        return household_then(session, by.community_id, household_id, at=at)
    except NotFound:
        return None
