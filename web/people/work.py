"""Search for people; the page of one person, and of one household."""

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from timebank.aid import may as aid
from timebank.aid.queries import ClaimBrief, claims_listed, decide_household
from timebank.errors import TimebankError, refusal_of
from timebank.hours.queries import ServiceRecord, passbook, records_of_person, volunteer_of
from timebank.people import may
from timebank.people.actions import reveal, reveal_name
from timebank.people.queries import (
    card_holder,
    cards_of_people,
    member_records,
    merges_of,
    person_brief,
    pictured,
    proofs_of_household,
    search_people,
)
from timebank.people.queries import household as household_of
from timebank.people.queries.search import LIMIT_MAX
from timebank.people.rules import print_card_no, read_card_token
from timebank.people.rules.names import spoken_key
from timebank.people.sight import reaches
from timebank.values import By, to_us
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm
from web.listing import Listed, listed, read_cursor
from web.pages import BOTH, DESK, FIND, WORK, MenuPlace, page
from web.people.kept_search import opened_search, sealed_search
from web.people.sight import reads_names, require_sight, shown_name
from web.people.work_forms import NameForm, SealedForm
from web.people.work_relations import relatives_shown
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_number
from web.tables import Column, Table, table_of
from web.words import sentence

FOUND_MAX = 50
PAGES_MAX = 1_000
RECORDS_A_PAGE, CLAIMS_A_PAGE = 10, 20
TEXT_MAX = 60
COLUMNS = (
    Column(key="name", label=_l("姓名"), kind="title", sort=lambda row: spoken_key(row.shown_name)),
    Column(key="age", label=_l("年龄段")),
    Column(key="home", label=_l("户号"), kind="text", sort=lambda row: row.household_no or ""),
    Column(key="building", label=_l("楼栋"), kind="text", sort=lambda row: row.building_no or 0),
    Column(key="go", label=_l("这一户"), kind="action"),
)
PLACE = MenuPlace(bar=DESK, word=_l("人员与家庭"), icon="users", order=20, right=may.SEARCH)
SEARCH = MenuPlace(bar=FIND, word=_l("找人"), icon="search", order=10, right=may.SEARCH)


@page(WORK, "/people", "people", methods=BOTH, places=(PLACE, SEARCH))
@needs(may.SEARCH)
def search() -> Any:
    """Search for people. The address of the answer holds the search sealed: Back needs no POST."""
    form, text = PlainForm(), opened_search(request.args.get("search", ""))
    if form.validate_on_submit():
        text = request.form.get("q", "").strip()[:TEXT_MAX]
        if read_card_token(text):
            return _to_holder(text)
        search = sealed_search(text) if text else None
        return redirect(url_for("work.people", search=search), 303)
    number = read_number(request.args.get("page"), most=PAGES_MAX)
    with units.reading() as session:
        table, is_more = _found(session, current_by(), text, number)
    return render_template(
        "people/work_people.html", form=form, text=text, table=table,
        is_more=is_more, number=number, search=request.args.get("search"), today=units.today(),
        may_enrol=may.ENROL_HOUSEHOLDS.is_held(current_by()),
    )  # fmt: skip


def _found(session: Session, by: By, text: str, number: int | None) -> tuple[Table, bool]:
    """The people of a page, and whether there are more.

    Without a number it is the quick answer: some of them. The numbered pages have everybody, sorted
    before they are cut.
    """
    if not number:
        some = search_people(session, by, text, limit=FOUND_MAX + 1) if text else []
        return table_of(some[:FOUND_MAX], COLUMNS), len(some) > FOUND_MAX
    everybody = search_people(session, by, text, limit=LIMIT_MAX) if text else []
    table, begin = table_of(everybody, COLUMNS), (number - 1) * FOUND_MAX
    rows = table.rows[begin : begin + FOUND_MAX]
    return replace(table, rows=rows), len(everybody) > begin + FOUND_MAX


def _to_holder(token: str) -> Any:
    by = current_by()
    with units.reading() as session:
        holder = card_holder(session, units.community_id(), token)
        brief = None if holder is None else person_brief(session, by.community_id, holder.person_id)
    if holder is None or brief is None or not reaches(by, may.SEARCH, brief.grid_id):
        return redirect(url_for("work.people"), 303)
    return redirect(url_for("work.people_person", person_id=holder.person_id), 303)


@page(WORK, "/people/<int:person_id>", "people_person")
@needs(may.SEARCH)
def person(person_id: int) -> Any:
    """Show one person: home, card, hours, recent activity. A merged record leads to the other."""
    by = current_by()
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
        require_sight(by, may.SEARCH, kind="person", grid_id=brief.grid_id)
        if brief.merged_into_id is not None:
            return redirect(url_for("work.people_person", person_id=brief.merged_into_id), 303)
        card = cards_of_people(session, by.community_id, [person_id]).get(person_id)
        content = {
            "person": brief,
            "shown": shown_name(by, brief),
            "card_no": print_card_no(card.card_no) if card else None,
            "volunteer": volunteer_of(session, by.community_id, person_id),
            "hours": passbook(session, by.community_id, person_id),
            "records": _records(session, by, person_id),
            "merges": merges_of(session, by.community_id, person_id),
            "away": member_records(session, by.community_id, [person_id])[person_id],
        }
        relatives, is_close = relatives_shown(session, by, [brief])
    may_change = may_change_home(by, brief.household_id, brief.grid_id)
    may_open = may.KEEP_PAPERS.is_held(by) and reads_names(by, brief.grid_id)
    may_name = may.REVEAL_NAMES.is_held(by) and not reads_names(by, brief.grid_id)
    may_give = aid.SERVE_COUNTER.is_held(by) and not is_close
    return render_template(
        "people/work_person.html", may_open=may_open, may_give=may_give, relatives=relatives,
        may_name=may_name, may_change=may_change,
        may_merge=may.MERGE_PEOPLE.is_held_everywhere(by) and not is_close,
        may_mandate=may.KEEP_MANDATES.is_held_everywhere(by) and not is_close,
        may_invite=may.INVITE_STAFF.is_held_everywhere(by),
        may_reset=reaches(by, may.RESET_PASSWORD, brief.grid_id),
        is_counter=reaches(by, may.SERVE_CARDS, brief.grid_id), **content,
    )  # fmt: skip


@page(WORK, "/households/<int:household_id>", "people_household")
@needs(may.SEARCH)
def household(household_id: int) -> str:
    """Show one household: its members, papers, quota and claims."""
    by = current_by()
    with units.reading() as session:
        home = household_of(session, by.community_id, household_id)
        require_sight(by, may.SEARCH, kind="household", grid_id=home.grid_id)
        is_open = reads_names(by, home.grid_id)
        may_look = is_open and reaches(by, may.REVEAL, home.grid_id)
        members = [(member, shown_name(by, member)) for member in home.members]
        papers = proofs_of_household(session, by.community_id, household_id) if is_open else []
        content = {
            "household": home,
            "members": members,
            "papers": papers,
            "pictures": pictured(session, by.community_id, household_id) if may_look else (),
            "cards": cards_of_people(session, by.community_id, [m.id for m in home.members]),
            "claims": _claims(session, by, household_id),
            "standing": standing(session, by, household_id, is_open=is_open),
        }
        relatives, is_close = relatives_shown(session, by, home.members)
    may_write = may.KEEP_PAPERS.is_held(by) and is_open and not is_close
    return render_template(
        "people/work_household.html",
        is_open=is_open,
        may_write=may_write,
        relatives=relatives,
        may_change=may_change_home(by, household_id, home.grid_id),
        today=units.today(),
        **content,
    )


def may_change_home(by: By, household_id: int | None, grid_id: int | None) -> bool:
    """Tell whether somebody may change what is known of a household and its people."""
    is_own = by.household_id is not None and by.household_id == household_id
    return not is_own and reaches(by, may.ENROL_HOUSEHOLDS, grid_id)


def _records(session: Session, by: By, person_id: int) -> Listed[ServiceRecord]:
    before = read_cursor(request.args.get("before"), 2)
    found = records_of_person(
        session, by.community_id, person_id, limit=RECORDS_A_PAGE + 1, before=before
    )
    return listed(found, RECORDS_A_PAGE, lambda one: (to_us(one.started_at), one.id), at=before)


def _claims(session: Session, by: By, household_id: int) -> Listed[ClaimBrief]:
    before = read_cursor(request.args.get("before"), 1)
    found = claims_listed(
        session, by.community_id, household_id, limit=CLAIMS_A_PAGE + 1, before=before
    )
    return listed(found, CLAIMS_A_PAGE, lambda one: (one.id,), at=before)


def standing(session: Session, by: By, household_id: int, *, is_open: bool) -> tuple[str, str]:
    """What a household may take today, as a heading and a sentence.

    Readers who may not see papers learn the answer and the day, but no reasons.
    """
    try:
        answer = decide_household(session, by.community_id, household_id, now=units.now()).answer
    except TimebankError as refusal:
        return _("要请人看一看"), sentence(refusal)
    if answer.is_eligible and answer.remaining != 0:
        left = answer.remaining
        return (_("今天可以领") if left is None else _("今天还可以领 %(count)s 件", count=left)), ""
    first = answer.reasons[0]
    if not is_open and first.code != "HOUSEHOLD_CAP":
        return _("今天不能领"), _("请他带上身份证到社区柜台，核对登记的情况。")
    return _("今天不能领"), sentence(refusal_of(first.code, dict(first.facts)))


@page(WORK, "/people/<int:person_id>/sealed", "people_sealed", methods=BOTH)
@needs(may.REVEAL)
@proven
def sealed(person_id: int) -> Any:
    """Decrypt some private fields, with a reason that is recorded."""
    by, form, opened = current_by(), SealedForm(), None
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
    require_sight(by, may.REVEAL, kind="person", grid_id=brief.grid_id)
    if form.validate_on_submit():
        values = {"columns": tuple(form.columns.data or ()), "reason": form.reason.data or ""}
        try:
            opened = reveal(units.database(), by=by, person_id=person_id, **values)
        except TimebankError as refusal:
            form.refuse(refusal)
    return units.draw("people/work_sealed.html", form=form, person=brief, opened=opened)


@page(WORK, "/people/<int:person_id>/name", "people_name", methods=BOTH)
@needs(may.REVEAL_NAMES)
@proven
def name(person_id: int) -> Any:
    """Open a masked name, with a reason that is recorded."""
    by, form, opened = current_by(), NameForm(), None
    with units.reading() as session:
        brief = person_brief(session, by.community_id, person_id)
    require_sight(by, may.REVEAL_NAMES, kind="person", grid_id=brief.grid_id)
    if form.validate_on_submit():
        values = {"person_id": person_id, "reason": form.reason.data or ""}
        try:
            opened = reveal_name(units.database(), by=by, **values)
        except TimebankError as refusal:
            form.refuse(refusal)
    back = url_for("work.people_person", person_id=person_id) if may.SEARCH.is_held(by) else ""
    return units.draw(
        "people/work_name.html", form=form, masked=brief.masked_name, opened=opened, back=back
    )
