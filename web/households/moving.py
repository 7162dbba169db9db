"""Move people to another household, to one of their own, or out of the community."""

from typing import Any

from flask import flash, redirect, url_for

from timebank.errors import NotFound, WrongState
from timebank.households import may
from timebank.households.actions import NewHome, move_members
from timebank.people.queries import household as household_of
from timebank.people.queries import household_by_no, person_brief
from timebank.people.rules import read_household_no
from timebank.people.rules.records import MOVED, SPLIT
from timebank.people.sight import reaches
from web import units
from web.auth import current_by, needs
from web.forms import named
from web.households.change_forms import MoveForm, building_choices
from web.households.changing import buildings_for, require_not_own
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight, shown_name
from web.reader import gettext as _
from web.reading import read_id


@page(
    WORK, "/households/<int:household_id>/move", "household_move", methods=BOTH,
    under="work.people",
)  # fmt: skip
@needs(may.MOVE_MEMBERS)
def move(household_id: int) -> Any:
    """Choose who moves, and where to."""
    by = current_by()
    with units.reading() as session:
        home = household_of(session, by.community_id, household_id)
        require_sight(by, may.MOVE_MEMBERS, kind="household", grid_id=home.grid_id)
        buildings = buildings_for(session, by)
    require_not_own(by, household_id)
    form = MoveForm(data={"happened_on": units.today()})
    form.building_id.choices = building_choices(buildings)
    form.person_ids.choices = named(
        *((str(member.id), shown_name(by, member)) for member in home.members)
    )
    if form.validate_on_submit():
        values = _values(form, [member.id for member in home.members])
        if values is not None:
            moved = units.tried(move_members, form, **values)
            if moved is not None:
                flash(_("记下了。以前的样子还查得到。"))
                there = moved.household_id or household_id
                return redirect(url_for("work.people_household", household_id=there), 303)
    return units.draw("households/move.html", form=form, household=home)


@page(
    WORK, "/people/<int:person_id>/home", "person_home", methods=BOTH, under="work.people"
)  # fmt: skip
@needs(may.MOVE_MEMBERS)
def move_in(person_id: int) -> Any:
    """Give a home to somebody who has none here: they come back, or come from outside."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.MOVE_MEMBERS, kind="person", grid_id=brief.grid_id)
        buildings = buildings_for(session, by)
    require_not_own(by, brief.household_id)
    if brief.household_id is not None:
        raise WrongState(kind="person", state="at_home")
    form = MoveForm(data={"happened_on": units.today(), "person_ids": [str(person_id)]})
    form.building_id.choices = building_choices(buildings)
    form.person_ids.choices = named((str(person_id), shown_name(by, brief)))
    form.why.choices = [choice for choice in form.why.choices if choice.value in (MOVED, SPLIT)]
    if form.validate_on_submit():
        values = _values(form, [person_id])
        if values is not None:
            moved = units.tried(move_members, form, **values)
            if moved is not None:
                flash(_("记下了。以前的样子还查得到。"))
                there = url_for("work.people_household", household_id=moved.household_id)
                return redirect(there, 303)
    return units.draw("households/move.html", form=form, household=None, person=brief)


def _values(form: MoveForm, members: list[int]) -> dict[str, Any] | None:
    """What the action needs; None with a word beside the field that lacks something."""
    chosen = tuple(
        person_id
        for typed in form.person_ids.data or ()
        if (person_id := read_id(typed)) in members and person_id is not None
    )
    if not chosen:
        form.person_ids.errors = [_("请选出搬的人。")]
    if not form.why.data:
        form.why.errors = [_("请选一个。")]
    target = _target(form) if form.why.data == MOVED else None
    place = _place(form) if form.why.data == SPLIT else None
    if form.errors:
        return None
    return {
        "person_ids": chosen, "why": form.why.data, "happened_on": form.happened_on.data,
        "to_household_id": target, "new_home": place, "note": form.note.data or "",
    }  # fmt: skip


def _target(form: MoveForm) -> int | None:
    """The household with the number that was typed, within reach."""
    by = current_by()
    number = read_household_no(form.household_no.data or "", is_bare=True)
    try:
        with units.reading() as session:
            found = household_by_no(session, by.community_id, number or "")
        if reaches(by, may.MOVE_MEMBERS, found.grid_id):
            return found.id
    except NotFound:
        pass
    form.household_no.errors = [_("没有这一户，请核对户号，例如 H-0117。")]
    return None


def _place(form: MoveForm) -> NewHome | None:
    building_id, door = read_id(form.building_id.data), (form.door.data or "").strip()
    if building_id is None:
        form.building_id.errors = [_("请选择。")]
    if not door:
        form.door.errors = [_("请填写。")]
    return None if building_id is None or not door else NewHome(building_id, door)
