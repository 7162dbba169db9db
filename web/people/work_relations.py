"""Relatives, recorded and ended at the counter; the section on the page of whom they belong to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.people import may
from timebank.people.actions import end_relation, record_relation
from timebank.people.queries import (
    PersonBrief,
    Relation,
    briefs,
    kin_now,
    relation_named,
    relations_of,
)
from timebank.people.rules.relations import Kin
from timebank.people.sight import reaches
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.pages import BOTH, WORK, page
from web.people.picking import Picked, PickForm, pick
from web.people.sight import reads_names, require_sight, shown_name
from web.people.words import RELATIONS
from web.people.work_forms import EndRelationForm, RelationForm
from web.reader import gettext as _


@dataclass(frozen=True, slots=True)
class RelativeShown:
    """A relative of one of some people, with the name and home as this reader may see them."""

    relation: Relation
    of: str
    name: str
    home: str
    kind: str
    may_end: bool


def relatives_shown(
    session: Session, by: By, people: Collection[PersonBrief]
) -> tuple[list[RelativeShown] | None, bool]:
    """The relatives of a person or a household, and whether one of these is close to the reader.

    The list is None for a reader who does not see it.
    """
    grid_id = next((one.grid_id for one in people), None)
    found = relations_of(session, by.community_id, [one.id for one in people])
    near = [*people, *(other for relation, other in found if relation.ended_at is None)]
    homes = {one.household_id for one in near} - {None}
    is_close = by.household_id in homes or any(one.id == by.person_id for one in near)
    if not (reaches(by, may.KEEP_RELATIONS, grid_id) and reads_names(by, grid_id)):
        return None, is_close
    own, kin = {one.id: one for one in people}, kin_now(session, by) if found else None
    return [_shown(by, relation, own, other, kin=kin) for relation, other in found], is_close


def _shown(
    by: By,
    relation: Relation,
    own: dict[int, PersonBrief],
    other: PersonBrief,
    *,
    kin: Kin | None,
) -> RelativeShown:
    mine = relation.person_id if relation.person_id != other.id else relation.other_person_id
    homes = (own[mine].household_id, other.household_id)
    is_close = kin is None or kin.why((mine, other.id), homes) is not None
    is_open = relation.ended_at is None and reaches(by, may.KEEP_RELATIONS, other.grid_id)
    return RelativeShown(
        relation=relation,
        of=shown_name(by, own[mine]),
        name=shown_name(by, other),
        home=(other.household_no or "") if reads_names(by, other.grid_id) else "",
        kind=str(RELATIONS[relation.kind]),
        may_end=is_open and not is_close,
    )


@page(WORK, "/people/<int:person_id>/relatives", "people_relatives", methods=BOTH)
@needs(may.KEEP_RELATIONS)
def record(person_id: int) -> Any:
    """Record that somebody is a relative of this person."""
    by, form = current_by(), RelationForm()
    other_form = PickForm(request.form if request.method == "POST" else None, prefix="other")
    is_changed = request.form.get("change") == "other"
    with units.reading() as session:
        brief = briefs(session, by.community_id, [person_id]).get(person_id)
        require_sight(
            by, may.KEEP_RELATIONS, kind="person", grid_id=brief.grid_id if brief else None
        )
        other = pick(session, by, other_form, cleared=is_changed)
    if brief is None:
        raise NotFound(kind="person")
    if "save" in request.form and form.validate_on_submit() and _is_whole(form, other_form, other):
        values = {"other_person_id": other.person_id, "kind": form.kind.data}
        values |= {"person_id": person_id, "from_on": form.from_on.data}
        if units.tried(record_relation, form, **values) is not None:
            flash(_("已登记。他们互相不能确认、审批或者一起经手。"))
            return redirect(url_for("work.people_person", person_id=person_id), 303)
    return units.draw(
        "people/work_relation.html", form=form, person=brief, shown=shown_name(by, brief),
        other_form=other_form, other=other,
    )  # fmt: skip


def _is_whole(form: RelationForm, other_form: PickForm, other: Picked) -> bool:
    """Whether it is clear who the other person is; otherwise the form says so."""
    if other.person_id is None:
        other_form.text.errors = other_form.text.errors or [_("请先找到是哪一位。")]
        form.form_errors.append(_("请先找到是哪一位。"))
        form.renew()
    return other.person_id is not None


@page(WORK, "/relatives/<int:relation_id>/end", "people_relation_end", methods=BOTH)
@needs(may.KEEP_RELATIONS)
def end(relation_id: int) -> Any:
    """Note that two people are relatives no more, or were recorded by mistake."""
    by, form = current_by(), EndRelationForm()
    with units.reading() as session:
        relation = relation_named(session, by.community_id, relation_id)
        pair = (relation.person_id, relation.other_person_id)
        people = briefs(session, by.community_id, pair)
    for person_id in pair:
        grid_id = people[person_id].grid_id
        require_sight(by, may.KEEP_RELATIONS, kind="relation", grid_id=grid_id)
    if form.validate_on_submit():
        values = {"relation_id": relation_id, "reason": form.reason.data or ""}
        if units.tried(end_relation, form, **values) is not None:
            flash(_("已写下：从现在起他们不再算亲属。"))
            return redirect(url_for("work.people_person", person_id=pair[0]), 303)
    return units.draw(
        "people/work_relation_end.html", form=form, relation=relation,
        names=[shown_name(by, people[person_id]) for person_id in pair],
        kind=RELATIONS[relation.kind],
    )  # fmt: skip
