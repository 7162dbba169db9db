"""Papers that staff have seen: enter them, and end them early."""

from collections import Counter
from dataclasses import replace
from typing import Any

from flask import flash, redirect, url_for

from timebank.errors import BadInput, NotFound
from timebank.people import may
from timebank.people.actions import NewProof, add_proofs, end_proof
from timebank.people.pictures import SENT_BYTES_MAX, clean_picture
from timebank.people.queries import Household, proofs_of_household
from timebank.people.queries import household as household_of
from timebank.people.rules import ENTERED_KINDS
from timebank.policy.queries import parameters_on
from web import units
from web.auth import current_by, needs
from web.pages import BOTH, WORK, page
from web.people.sight import require_sight
from web.people.words import PAPERS
from web.people.work_forms import EndPaperForm, PaperForm
from web.reader import gettext as _
from web.reading import read_id
from web.security import takes_files


def _household(household_id: int) -> Household:
    by = current_by()
    with units.reading() as session:
        found = household_of(session, by.community_id, household_id)
    require_sight(by, may.KEEP_PAPERS, kind="household", grid_id=found.grid_id)
    return found


def _back(household_id: int) -> Any:
    return redirect(url_for("work.people_household", household_id=household_id), 303)


@page(WORK, "/households/<int:household_id>/papers", "people_papers", methods=BOTH)
@needs(may.KEEP_PAPERS)
@takes_files("picture", most_bytes=SENT_BYTES_MAX)
def add(household_id: int) -> Any:
    """Enter a paper that somebody of the household has shown."""
    household, form = _household(household_id), PaperForm()
    form.offer(household.members)
    if form.validate_on_submit():
        new = NewProof(
            household_id=household_id, kind=form.kind.data, valid_from_on=form.valid_from_on.data,
            valid_until_on=form.valid_until_on.data, person_id=read_id(form.person_id.data),
            document_no=(form.document_no.data or "").strip(),
            issuer=(form.issuer.data or "").strip(),
        )  # fmt: skip
        if _entered(new, form):
            flash(_("已登记。今天这一户的申领、复核和发放，请另一位同事来办。"))
            return _back(household_id)
    return units.draw("people/work_paper.html", form=form, household=household, longest=_longest())


def _entered(new: NewProof, form: PaperForm) -> bool:
    """Enter the paper with its picture, if one was sent; a refusal stands on the form."""
    sent = form.picture.data
    try:
        picture = clean_picture(sent.read(SENT_BYTES_MAX + 1)) if sent else b""
    except BadInput as refusal:
        form.refuse(refusal)
        return False
    return units.tried(add_proofs, form, proofs=(replace(new, picture=picture),)) is not None


def _longest() -> str:
    """How long a paper may be, by kind, as the parameters of today say."""
    by = current_by()
    with units.reading() as session:
        parameters = parameters_on(session, by.community_id, units.today())
    months = parameters.counts("people.paper_months_max")
    usual = Counter(months[kind] for kind in ENTERED_KINDS if kind in months).most_common(1)
    text = _(
        "原件上的最后一天。从第一天起最长登记 %(count)s 个月", count=usual[0][0] if usual else 0
    )
    others = [
        _("%(paper)s %(count)s 个月", paper=PAPERS[kind], count=months.get(kind, 0))
        for kind in ENTERED_KINDS
        if usual and months.get(kind, 0) != usual[0][0]
    ]
    return text + (_("（%(others)s）", others=_("，").join(others)) if others else "")


@page(
    WORK, "/households/<int:household_id>/papers/<int:proof_id>/end", "people_paper_end",
    methods=BOTH,
)  # fmt: skip
@needs(may.KEEP_PAPERS)
def end(household_id: int, proof_id: int) -> Any:
    """End the validity of a paper from a day on."""
    household, form = _household(household_id), EndPaperForm()
    with units.reading() as session:
        papers = proofs_of_household(session, units.community_id(), household_id)
    paper = next((paper for paper in papers if paper.id == proof_id), None)
    if paper is None:
        raise NotFound(kind="proof")
    if form.validate_on_submit():
        values = {"ended_on": form.ended_on.data, "reason": form.reason.data or ""}
        if units.tried(end_proof, form, proof_id=proof_id, **values) is not None:
            flash(_("已写下终止的日期；在那以前领的都作数。"))
            return _back(household_id)
    return units.draw("people/work_paper_end.html", form=form, household=household, paper=paper)
