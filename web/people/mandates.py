"""Who acts for whom, at the counter: entered, confirmed by a second person, ended."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.people import may
from timebank.people.actions import ask_mandate, confirm_mandate, end_mandate
from timebank.people.queries import (
    Mandate,
    PersonBrief,
    briefs,
    mandate_named,
    mandates_held,
    mandates_of,
    person_brief,
)
from timebank.people.rules.mandates import GUARDIAN
from timebank.values import By
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.pages import BOTH, WORK, page
from web.people.mandate_forms import EndMandateForm, MandateForm
from web.people.picking import PickForm, pick
from web.people.sight import require_sight, shown_name
from web.people.words import GROUND_WORDS, MANDATE_WORDS
from web.reader import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateShown:
    """A mandate as a page shows it: both names as this reader may see them."""

    mandate: Mandate
    person: str
    agent: str
    what: str
    ground: str
    state: str


def what_words(mandate: Mandate) -> str:
    """What an agent may do, in words."""
    if mandate.is_guardian:
        return _("监护人：什么都可以办")
    return _("、").join(str(MANDATE_WORDS[one]) for one in mandate.deeds.split())


def mandates_shown(
    session: Session, by: By, mandates: Collection[Mandate], *, names: Any = shown_name
) -> list[MandateShown]:
    """Mandates with names and words; ``names`` says a brief to this reader."""
    ids = {one for held in mandates for one in (held.person_id, held.agent_person_id)}
    people = briefs(session, by.community_id, ids) if ids else {}
    return [
        MandateShown(
            mandate=held, person=names(by, people[held.person_id]),
            agent=names(by, people[held.agent_person_id]), what=what_words(held),
            ground=str(GROUND_WORDS.get(held.ground, _("本人自己办的"))),
            state=_state(held, people[held.person_id]),
        )
        for held in mandates
    ]  # fmt: skip


def _state(held: Mandate, person: PersonBrief) -> str:
    if held.ended_at is not None:
        return "ended"
    if held.done_at is None:
        return "waiting" if held.until_at > units.now() else "over"
    return "held" if held.is_in_force(person, units.today()) else "over"


@page(
    WORK, "/people/<int:person_id>/mandates", "people_mandates", methods=BOTH, under="work.people"
)  # fmt: skip
@needs(may.KEEP_MANDATES)
def keep(person_id: int) -> Any:
    """Who acts for a person, and for whom they act; enter another one."""
    by, form = current_by(), MandateForm()
    other_form = PickForm(request.form if request.method == "POST" else None, prefix="agent")
    is_changed = request.form.get("change") == "agent"
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.KEEP_MANDATES, kind="person", grid_id=brief.grid_id)
        other = pick(session, by, other_form, cleared=is_changed)
        shown = {
            "given": mandates_shown(session, by, mandates_of(session, by.community_id, person_id)),
            "held": mandates_shown(session, by, mandates_held(session, by.community_id, person_id)),
        }
    if "save" in request.form and form.validate_on_submit():
        if other.person_id is None:
            other_form.text.errors = other_form.text.errors or [_("请先找到是哪一位。")]
            form.form_errors.append(_("请先找到是哪一位。"))
            form.renew()
        else:
            asked = units.tried(
                ask_mandate, form, person_id=person_id, agent_person_id=other.person_id,
                **_values(form),
            )  # fmt: skip
            if asked is not None:
                return redirect(url_for("work.mandate", mandate_id=asked.mandate_id), 303)
    return units.draw(
        "people/work_mandates.html", form=form, person=brief, name=shown_name(by, brief),
        other=other, other_form=other_form, **shown,
    )  # fmt: skip


def _values(form: MandateForm) -> dict[str, Any]:
    is_guardian = form.mandate_kind.data == GUARDIAN
    return {
        "kind": form.mandate_kind.data, "ground": form.ground.data,
        "ground_note": form.ground_note.data or "",
        "deeds": () if is_guardian else tuple(form.deeds.data or ()),
        "until_on": None if is_guardian else form.until_on.data,
    }  # fmt: skip


@page(WORK, "/mandates/<int:mandate_id>", "mandate", methods=BOTH, under="work.worklist")
@needs(may.KEEP_MANDATES)
@proven
def one(mandate_id: int) -> Any:
    """One mandate: confirm it as the second person, or end it with a reason."""
    by, form, end_form = current_by(), PlainForm(), EndMandateForm(prefix="end")
    with units.reading() as session:
        held = mandate_named(session, by.community_id, mandate_id)
        people = briefs(session, by.community_id, [held.person_id, held.agent_person_id])
        for person in people.values():
            require_sight(by, may.KEEP_MANDATES, kind="mandate", grid_id=person.grid_id)
        (shown,) = mandates_shown(session, by, [held])
    do = request.form.get("do", "")
    if do == "confirm" and form.validate_on_submit():
        if units.tried(confirm_mandate, form, mandate_id=mandate_id) is not None:
            flash(_("登记好了，从现在起他可以代办。"))
            return redirect(url_for("work.mandate", mandate_id=mandate_id), 303)
    elif do == "end" and end_form.validate_on_submit():
        reason = end_form.reason.data or ""
        if units.tried(end_mandate, end_form, mandate_id=mandate_id, reason=reason) is not None:
            flash(_("停掉了，从现在起他不能再代办。"))
            return redirect(url_for("work.mandate", mandate_id=mandate_id), 303)
    return units.draw(
        "people/work_mandate.html", form=form, end_form=end_form, shown=shown,
        is_asker=by.person_id == held.asked_by_person_id,
    )  # fmt: skip
