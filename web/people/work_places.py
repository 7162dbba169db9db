"""The grids and buildings: list, add, rename, end and use again."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from timebank.errors import NotFound
from timebank.people import actions, may
from timebank.people.actions import NewPlace
from timebank.people.queries import places
from timebank.people.queries.places import Place
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.forms import WholeNumberField, WorkForm, named
from web.listing import page_of
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id

OFF: dict[str, Any] = {"autocomplete": "off"}
NEEDED = _l("请填写。")
NUMBER_MAX = 9999
GRIDS_A_PAGE = 10
PLACE_STATES = ("in_use", "ended")
PLACE = MenuPlace(
    bar=MANAGE, word=_l("网格和楼栋"), icon="house", order=60,
    says=_l("加一栋楼，改一个名称"), right=may.ADD_PLACES,
    also=("work.places",),
)  # fmt: skip


class PlaceChangeForm(WorkForm):
    """How a grid or a building is called."""

    name_zh = StringField(_l("中文名称"), [InputRequired(NEEDED), Length(max=80)], render_kw=OFF)
    name_en = StringField(_l("英文名称"), [Length(max=80)], render_kw=OFF)

    def told(self) -> dict[str, str]:
        """What was typed; what is not written in English is written as in Chinese."""
        zh = self.name_zh.data or ""
        return {"name_zh": zh, "name_en": self.name_en.data or zh}


class PlaceForm(PlaceChangeForm):
    """A new grid, or a building in a grid."""

    grid_id = SelectField(_l("在哪个网格"), validate_choice=False)
    number = WholeNumberField(_l("编号"), [InputRequired(NEEDED), NumberRange(1, NUMBER_MAX)])

    def field_of(self, name: str) -> Any:
        """The grid is chosen by its id."""
        return super().field_of({"parent_id": "grid_id"}.get(name, name))


class PlaceEndForm(WorkForm):
    """Why a place ends, or is used again."""

    note = TextAreaField(_l("原因"), [InputRequired(_l("请写上原因。")), Length(max=200)])


def _known() -> list[Place]:
    with units.reading() as session:
        return [one for one in places(session, current_by().community_id) if one.kind != "store"]


def _place(place_id: int) -> Place:
    for one in _known():
        if one.id == place_id:
            return one
    raise NotFound(kind="place")


@page(WORK, "/places", "places", places=(PLACE,))
@needs(may.ADD_PLACES)
def listed() -> Any:
    """List the grids, each with its buildings."""
    known = _known()
    grids = [one for one in known if one.kind == "grid"]
    shown = [one for one in known if is_wanted(one, request.args)]
    groups = [
        (grid, [one for one in shown if one.parent_id == grid.id])
        for grid in grids
        if grid in shown or any(one.parent_id == grid.id for one in shown)
    ]
    asked = {name: request.args[name] for name in ("grid", "state") if request.args.get(name)}
    return units.draw(
        "people/work_places.html", form=WorkForm(formdata=None), asked=asked,
        choices=[(str(grid.id), own_name(grid, language())) for grid in grids],
        listed=page_of(groups, GRIDS_A_PAGE, request.args),
    )  # fmt: skip


def is_wanted(one: Place, query: Mapping[str, str]) -> bool:
    """Tell whether a place is among those that an address asks for."""
    grid_id, state = read_id(query.get("grid")), query.get("state", "")
    is_there = grid_id is None or grid_id in (one.id, one.parent_id)
    return is_there and (
        state not in PLACE_STATES or (one.ended_on is not None) == (state == "ended")
    )


@page(WORK, "/places/new", "places_new", methods=BOTH)
@needs(may.ADD_PLACES)
def new() -> Any:
    """Add a grid, or a building in a grid."""
    form = PlaceForm()
    grids = [one for one in _known() if one.kind == "grid" and one.ended_on is None]
    words = ((str(grid.id), own_name(grid, language())) for grid in grids)
    form.grid_id.choices = named(("", _l("这是一个新网格")), *words)
    if form.validate_on_submit():
        grid_id = (read_id(form.grid_id.data) or 0) if form.grid_id.data else None
        kind = "grid" if grid_id is None else "building"
        made = NewPlace(kind=kind, number=form.number.data or 0, parent_id=grid_id, **form.told())
        if units.tried(actions.add_places, form, places=(made,)) is not None:
            return _done(_("已经加上。"))
    return units.draw("people/work_place_new.html", form=form)


@page(WORK, "/places/<int:place_id>/change", "places_change", methods=BOTH)
@needs(may.ADD_PLACES)
def change(place_id: int) -> Any:
    """Change how a grid or a building is called."""
    place, form = _place(place_id), PlaceChangeForm()
    if not form.is_submitted():
        form.name_zh.data, form.name_en.data = place.name_zh, place.name_en
    if form.validate_on_submit():
        told = {"place_id": place.id, **form.told()}
        if units.tried(actions.change_place, form, **told) is not None:
            return _done(_("已经改好了。"))
    return units.draw("people/work_place_change.html", form=form, place=place)


@page(WORK, "/places/<int:place_id>/end", "places_end", methods=BOTH)
@needs(may.ADD_PLACES)
def end(place_id: int) -> Any:
    """End a grid or a building in which nobody lives, or use it again."""
    place, form = _place(place_id), PlaceEndForm()
    resumes = place.ended_on is not None
    if form.validate_on_submit():
        told = {"place_id": place.id, "note": form.note.data, "resumes": resumes}
        if units.tried(actions.end_place, form, **told) is not None:
            return _done(_("又可以用了。") if resumes else _("已经停用。以前的记录都在。"))
    return units.draw("people/work_place_end.html", form=form, place=place, resumes=resumes)


def _done(said: str) -> Any:
    flash(said)
    return redirect(url_for("work.places"), 303)
