"""Two records of one person: ask about them, answer as the second person, take it back."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.households.actions import answer_merge, ask_merge, ask_merge_undone
from timebank.people import may
from timebank.people.queries import (
    MemberRecord,
    PersonBrief,
    briefs,
    cards_of_people,
    member_records,
    merge_in_force,
    person_merge_named,
    waiting_merge_of,
)
from timebank.people.rules import print_card_no
from timebank.people.rules.merging import MERGE_ANSWERS, ONE_PERSON, TWO_PEOPLE
from timebank.values import By
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.households.change_forms import MergeForm, UndoForm
from web.pages import BOTH, WORK, page
from web.people.picking import PickForm, pick
from web.people.sight import require_sight, shown_name
from web.reader import gettext as _


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One of two records, as far as it helps to tell people apart. Nothing sealed is opened."""

    brief: PersonBrief
    record: MemberRecord
    name: str
    card_no: str


def _shown(session: Session, by: By, person_ids: tuple[int, ...]) -> list[RecordShown]:
    people = briefs(session, by.community_id, person_ids)
    records = member_records(session, by.community_id, person_ids)
    cards = cards_of_people(session, by.community_id, person_ids)
    for person_id in person_ids:
        if person_id not in people:
            raise NotFound(kind="person")
        grid_id = people[person_id].grid_id
        require_sight(by, may.MERGE_PEOPLE, kind="person", grid_id=grid_id)
    return [
        RecordShown(
            people[one], records[one], shown_name(by, people[one]),
            print_card_no(cards[one].card_no) if one in cards else "",
        )
        for one in person_ids
    ]  # fmt: skip


def in_order(pair: list[RecordShown]) -> list[RecordShown]:
    """First the record that is kept: it lives in a household, has a document, or is older."""
    return sorted(
        pair,
        key=lambda one: (
            one.brief.household_id is None, not one.record.has_document, one.brief.id
        ),
    )  # fmt: skip


@page(WORK, "/people/<int:person_id>/same", "person_same", methods=BOTH, under="work.people")
@needs(may.MERGE_PEOPLE)
def ask(person_id: int) -> Any:
    """Name another record of the same person, and ask a second person to look at both."""
    by, form = current_by(), MergeForm()
    other_form = PickForm(request.form if request.method == "POST" else None, prefix="other")
    is_changed = request.form.get("change") == "other"
    with units.reading() as session:
        (own,) = _shown(session, by, (person_id,))
        other = pick(session, by, other_form, cleared=is_changed)
        pair = [own]
        if other.person_id not in (None, person_id):
            pair = in_order(_shown(session, by, (person_id, other.person_id)))
        waiting = waiting_merge_of(session, by.community_id, person_id, now=units.now())
    if waiting is not None:
        return redirect(url_for("work.person_merge", merge_id=waiting.id), 303)
    if other.person_id == person_id:
        other_form.text.errors = [_("这就是同一份登记。请找另一份。")]
    if "save" in request.form and form.validate_on_submit():
        if len(pair) == 2:
            kept, gone = pair
            values = {"person_id": gone.brief.id, "into_person_id": kept.brief.id}
            asked = units.tried(ask_merge, form, reason=form.reason.data or "", **values)
            if asked is not None:
                return redirect(url_for("work.person_merge", merge_id=asked.merge_id), 303)
        else:
            other_form.text.errors = other_form.text.errors or [_("请先找到另一份登记。")]
            form.form_errors.append(_("请先找到另一份登记。"))
            form.renew()
    return units.draw(
        "households/merge_ask.html", form=form, own=own, pair=pair, other=other,
        other_form=other_form, today=units.today(),
    )  # fmt: skip


@page(WORK, "/merges/<int:merge_id>", "person_merge", methods=BOTH, under="work.worklist")
@needs(may.MERGE_PEOPLE)
@proven
def answer(merge_id: int) -> Any:
    """Both records side by side: answer as the second person, or ask to take a merge back."""
    by, form, undo_form = current_by(), PlainForm(), UndoForm(prefix="undo")
    with units.reading() as session:
        merge = person_merge_named(session, by.community_id, merge_id)
        pair = _shown(session, by, (merge.into_person_id, merge.person_id))
        in_force = merge_in_force(session, by.community_id, merge.person_id)
    do = request.form.get("do", "")
    if do in MERGE_ANSWERS and form.validate_on_submit():
        if units.tried(answer_merge, form, merge_id=merge_id, answer=do) is not None:
            flash(_said(do, is_undo=merge.is_undo))
            return redirect(url_for("work.person_merge", merge_id=merge_id), 303)
    elif do == "undo" and undo_form.validate_on_submit():
        reason = undo_form.reason.data or ""
        asked = units.tried(ask_merge_undone, undo_form, merge_id=merge_id, reason=reason)
        if asked is not None:
            return redirect(url_for("work.person_merge", merge_id=asked.merge_id), 303)
    now = units.now()
    until = merge.undo_until_at
    is_standing = in_force is not None and in_force.id == merge.id
    return units.draw(
        "households/merge.html", form=form, undo_form=undo_form, merge=merge, pair=pair,
        is_asker=by.person_id == merge.asked_by_person_id, today=units.today(),
        is_over=merge.answer is None and merge.until_at <= now, is_standing=is_standing,
        may_undo=is_standing and until is not None and now < until,
        one=ONE_PERSON, two=TWO_PEOPLE,
    )  # fmt: skip


def _said(answer: str, *, is_undo: bool) -> str:
    if is_undo:
        return _("拆开了，又是两份登记。") if answer == ONE_PERSON else _("没有拆开。")
    if answer == ONE_PERSON:
        return _("合成一份了。两张卡、两个号码都还找得到他。")
    return _("记下了：是两个人。以后不会再问。")
