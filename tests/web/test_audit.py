"""The audit page: who did what to whom, with names as its readers may see them."""

import ast
import csv
import io
import re

import pytest

from tests.factories.sample import NOW, TODAY
from tests.house.sources import nothing, sources
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.people.queries import person_brief
from web.subjects import gathered

LINES = r'<li class="card-row">.*?</li>'


@pytest.fixture
def write(village):
    """Write an audit line as a member of staff."""

    def written(*, login="coordinator", at=NOW, **line):
        by = village.sample.people[login]
        village.database.write(lambda session, _: audit(Deed(session, by, at), **line))

    return written


@pytest.fixture
def name_of(village):
    def read(login):
        return village.ask(person_brief, village.sample.people[login].person_id).name

    return read


def lines_at(village, address):
    return re.findall(LINES, village.see("coordinator", address).text, re.DOTALL)


def sheet_at(village, address="/work/sheets/audit"):
    visit = village.visit("coordinator")
    form = visit.get(address).form_with(("kind", "csv"))
    sent = visit.client.post(form.action, data=dict([*form.fields, ("kind", "csv")]))
    return list(csv.reader(io.StringIO(sent.get_data().decode("utf-8-sig"), newline="")))


def audited_names():
    """Every name that an audit line can have, as the code writes it."""
    for source in sources("timebank"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).strip("_") == "audit":
                named = [word.value for word in node.keywords if word.arg == "name"]
                parts = [part for value in named for part in ast.walk(value)]
                yield from (
                    part.value for part in parts
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )  # fmt: skip


def test_every_deed_of_the_trail_has_a_word():
    names = set(audited_names())
    assert len(names) > 70
    nothing(sorted(names - set(gathered().audited)))


def test_staff_are_named_and_residents_are_masked(village, write, name_of):
    write(
        name="reveal", subject_kind="person", facts={"reason": "核对"},
        subject_id=village.sample.people["claimant"].person_id,
    )  # fmt: skip
    (line,) = lines_at(village, "/work/audit?deed=reveal")
    resident = name_of("claimant")
    assert name_of("coordinator") in line and "原因 核对" in line
    assert resident not in line and f"{resident[0]}*" in line


def test_what_a_resident_did_is_under_a_masked_name(village, write, name_of):
    write(login="claimant", name="cancel_claim", subject_kind="claim", facts={"claim_no": "S1-Q-9"})
    line = lines_at(village, "/work/audit?deed=cancel_claim")[0]
    assert "S1-Q-9" in line
    assert name_of("claimant") not in line and f"{name_of('claimant')[0]}*" in line


def test_a_card_number_shows_its_last_digits_only(village, write):
    write(name="issue_card", subject_kind="person", facts={"card_no": "660771361"})
    line = lines_at(village, "/work/audit?deed=issue_card")[0]
    assert "…1361" in line and "660771361" not in line


def test_the_trail_of_one_member_of_staff(village, write, name_of):
    write(login="social", name="add_proofs", subject_kind="household", facts={"proofs": 7})
    write(login="keeper", name="sign_cleaning", subject_kind="lot", facts={"pieces": 3})
    lines = lines_at(village, f"/work/audit?who={village.sample.people['social'].user_id}")
    assert lines and all(name_of("social") in line for line in lines)


def test_the_trail_of_one_household_and_its_members(village, write):
    claimant, donor = (village.sample.people[name] for name in ("claimant", "donor"))
    write(name="ask_for_pin", subject_kind="household", subject_id=claimant.household_id)
    write(name="set_pin", subject_kind="person", subject_id=claimant.person_id)
    write(name="reset_pin", subject_kind="person", subject_id=donor.person_id)
    visit = village.visit("coordinator")
    number = village.sample.household_nos["claimant"]
    answer = visit.press(
        visit.get("/work/audit"), "do", "household", household_no=f" {number.lower()} "
    )
    assert answer.location == f"/work/audit?home={claimant.household_id}"
    text = visit.follow(answer).text
    assert "提出每次都要数字密码" in text and "设了数字密码" in text and number in text
    assert "重设了数字密码" not in "".join(re.findall(LINES, text, re.DOTALL))


def test_an_unknown_household_is_said(village):
    visit = village.visit("coordinator")
    page = visit.press(visit.get("/work/audit"), "do", "household", household_no="H-9999")
    assert page.status == 200 and "没有这一户" in page.text
    theirs = village.neighbour.people["claimant"].household_id
    for home in (theirs, 1):
        assert lines_at(village, f"/work/audit?home={home}") == []
        assert village.see("coordinator", f"/work/sheets/audit?home={home}").status == 404


def test_the_days_are_both_inclusive_and_local(village, write):
    write(name="unlock", subject_kind="address", at=NOW.replace(hour=15, minute=59))
    write(name="unlock", subject_kind="address", at=NOW.replace(hour=16, minute=0))
    write(name="unlock", subject_kind="address", at=NOW.replace(day=9, hour=15, minute=59))
    days = f"deed=unlock&from={TODAY}&until={TODAY}"
    assert len(lines_at(village, f"/work/audit?{days}")) == 1  # 16:00 UTC is the next local day.


def test_the_list_is_read_to_its_end_and_keeps_its_filter(village, write, monkeypatch):
    monkeypatch.setattr("web.oversight.work.LINES_A_PAGE", 2)
    for number in range(5):
        write(name="unlock", subject_kind="address", facts={"note": f"第 {number} 次"})
    address, seen, opened = "/work/audit?deed=unlock", [], []
    while address:
        assert address not in opened, f"{address} is its own next page"
        opened.append(address)
        page = village.see("coordinator", address).text
        seen += re.findall(r"第 (\d) 次", page)
        more = re.search(r'href="([^"]*before=[^"]*)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert sorted(seen) == list("01234")


def test_the_sheet_has_every_line_and_runs_no_formula(village, write, monkeypatch):
    monkeypatch.setattr("timebank.oversight.queries.LINES_AT_ONCE", 2)
    for number in range(5):
        write(name="unlock", subject_kind="address", facts={"note": str(number)})
    assert len(sheet_at(village, "/work/sheets/audit?deed=unlock")) == 1 + 5
    monkeypatch.setattr("web.oversight.sheets.fact_words", lambda told: "=1+1")
    assert {row[4] for row in sheet_at(village)[1:]} == {"'=1+1"}


@pytest.mark.parametrize("query", ["who=x&deed=x", "before=9.9.9", "from=2025-02-30", "who=9" * 9])
def test_a_changed_address_is_read_as_nothing_or_as_no_line(village, query):
    assert village.see("coordinator", f"/work/audit?{query}").status == 200


def test_in_english_too(village, write):
    write(name="close_day", subject_kind="store", facts={"no": 3})
    visit = village.visit("coordinator")
    visit.get("/language/en?back=/work/audit")
    assert "signed the close of a day" in visit.get("/work/audit?deed=close_day").text


def test_the_oldest_first_is_the_same_list_turned_round_page_by_page(village, write):
    for number in range(5):
        write(name="unlock", subject_kind="person", facts={"count": number})
    newest = lines_at(village, "/work/audit?deed=unlock")
    seen, address = [], "/work/audit?deed=unlock&sort=at"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.oversight.work.LINES_A_PAGE", 2)
        while address:
            page = village.see("coordinator", address).text
            seen += re.findall(LINES, page, re.DOTALL)
            onward = re.search(r'href="([^"]+)" rel="next"', page)
            address = onward and onward[1].replace("&amp;", "&")
    assert seen == newest[::-1]
    assert (
        sheet_at(village, "/work/sheets/audit?deed=unlock&sort=at")[1:]
        == (sheet_at(village, "/work/sheets/audit?deed=unlock")[:0:-1])
    )
