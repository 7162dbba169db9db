"""Every list can be read to its end by plain links: each row once, also if one is added meanwhile.

The pages are made short here, so that few rows fill more than one.
"""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from tests.factories.closing import make_second, whole_day
from tests.factories.people import a_request_id
from tests.factories.sample import TODAY, enter, give, take
from timebank.aid.tables import claim_notice
from timebank.db import insert_rows
from timebank.deeds.deed import Deed
from timebank.deeds.tables import audit_line
from timebank.goods.actions import announce_deposit
from timebank.goods.rules import AnnouncedLine
from timebank.values import new_id
from web.listing import read_cursor

SIZES = (
    "goods.me.DEPOSITS", "aid.me.CLAIMS", "aid.me.NOTICES", "hours.me.RECORDS", "hours.me.WORDS",
    "hours.work.RECORDS", "people.openings.OPENINGS", "people.work.RECORDS", "people.work.CLAIMS",
    "goods.store_desk.COMING", "hours.passbook.LINES", "hours.statement.LINES",
    "closing.store.SHEETS",
)  # fmt: skip
_ROWS = r'<li class="card-row">.*?</li>'
# Who reads which list, what one of its rows is, and what its next page is called in the address.
LISTS = {
    "deposits": ("donor", "/me/deposit", r'href="/me/deposit/\d+"', "before"),
    "claims": ("claimant", "/me/claims", r'href="/me/claims/\d+"', "before"),
    "notices": ("claimant", "/me/claims/notices", r"还有 \d+ 件可以领", "before"),
    "records": ("volunteer", "/me/services", _ROWS, "before"),
    "to confirm": ("claimant", "/me/services", r'name="record_id" value="\d+"', "after"),
    "to organise": ("coordinator", "/work/records", r'name="record_id" value="\d+"', "after"),
    "openings": ("claimant", "/me/openings", r"原因 \d+", "before"),
    "a person": ("coordinator", "/work/people/{volunteer}", _ROWS, "before"),
    "a household": ("social", "/work/households/{home}", r"申领 · S1-[\w-]+", "before"),
    "announced": ("keeper", "/store", r"deposit=\d+", "after"),
    "signed days": ("keeper", "/store/day", r'href="/store/day/\d+[^"]*"><strong>', "before"),
    "gifts in the passbook": ("donor", "/me/", r'balance"><a href="/me/deposit/\d+"', "before"),
    "taken in the passbook": ("claimant", "/me/", r'balance"><a href="/me/claims/\d+"', "before"),
}  # fmt: skip


@pytest.fixture
def full(village):
    """A community in which every list has more than four rows."""
    village.database.write(lambda session, now: _live_on(session, village.sample, now))
    by = village.sample.people
    village.sample.cases.update(
        volunteer=by["volunteer"].person_id, home=by["claimant"].household_id
    )
    return village


def _live_on(session, sample, now):
    for back in range(5):
        enter(session, sample, on=TODAY - timedelta(days=15 + back), minutes=30 + back)
        take(session, sample, on=TODAY - timedelta(days=15 - back), is_fetched=True)
        _open(session, sample, now - timedelta(hours=back), back)
        _notify(session, sample, now - timedelta(hours=back), back)
        _announce(session, sample, now, TODAY + timedelta(days=2) if back % 2 else None)
        _close(session, sample, now - timedelta(days=5 - back))


def _one_more(session, sample, now):
    """Add a row to every list, at its newer end."""
    enter(session, sample, on=TODAY, minutes=20)
    give(session, sample, on=TODAY)
    take(session, sample, on=TODAY - timedelta(days=1), is_fetched=True)
    _open(session, sample, now + timedelta(hours=1), 99)
    _notify(session, sample, now + timedelta(hours=1), 99)
    _announce(session, sample, now, None)
    _close(session, sample, now)


def _open(session, sample, at, number):
    row = {
        "community_id": 1, "id": new_id(), "at": at, "client": "x", "channel": "web",
        "user_id": None, "person_id": sample.people["social"].person_id, "name": "reveal",
        "subject_kind": "person", "subject_id": sample.people["claimant"].person_id,
        "facts": json.dumps({"columns": ["phone"], "reason": f"原因 {number}"}),
    }  # fmt: skip
    own = row | {"id": new_id(), "person_id": sample.people["claimant"].person_id}
    insert_rows(session.connection(), audit_line, [row, own])


def _notify(session, sample, at, number):
    row = {
        "community_id": 1, "id": new_id(), "claim_id": sample.cases["ready"],
        "household_id": sample.people["claimant"].household_id, "code": "HOLD_CUT",
        "facts": json.dumps({"lost": 1, "left": number}), "told_at": at,
    }  # fmt: skip
    insert_rows(session.connection(), claim_notice, [row])


def _announce(session, sample, now, bring_on):
    announce_deposit(
        Deed(session, sample.people["donor"], now, a_request_id()),
        store_id=sample.shop.store_id,
        lines=(AnnouncedLine(None, 1, described="台灯"),),
        donor_person_id=sample.people["donor"].person_id,
        bring_on=bring_on,
    )


def _close(session, sample, at):
    whole_day(session, sample.shop, make_second(session, sample.town), now=at)


def read_through(village, name, *, between=lambda: None):
    """The rows of a list, page by page; ``between`` happens after the first page."""
    login, path, row, cursor = LISTS[name]
    path = path.format(**village.sample.cases)
    visit, pages, opened = village.visit(login), [], []
    while path:
        assert path not in opened, f"{path} is its own next page"
        opened.append(path)
        page = visit.get(path)
        assert page.status == 200
        pages.append(re.findall(row, page.text, re.DOTALL))
        links = re.findall(rf'href="([^"]*[?&;]{cursor}=[^"]*)"', page.text)
        path = unescape(links[-1]).split("#")[0] if links else ""
        if len(pages) == 1:
            between()
    return pages


def make_short(monkeypatch):
    for name in SIZES:
        monkeypatch.setattr(f"web.{name}_A_PAGE", 2)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_to_its_end(full, monkeypatch, name):
    whole = [row for rows in read_through(full, name) for row in rows]
    assert len(whole) >= 4
    make_short(monkeypatch)
    pages = read_through(full, name)
    assert [row for rows in pages for row in rows] == whole
    assert all(len(rows) <= 2 for rows in pages)


@pytest.mark.parametrize("name", LISTS)
def test_a_row_that_is_added_meanwhile_hides_none_and_shows_none_twice(full, monkeypatch, name):
    whole = [row for rows in read_through(full, name) for row in rows]
    make_short(monkeypatch)

    def live_on():
        full.database.write(lambda session, now: _one_more(session, full.sample, now))

    seen = [row for rows in read_through(full, name, between=live_on) for row in rows]
    assert len(seen) == len(set(seen))
    assert [row for row in seen if row in whole] == whole


@pytest.mark.parametrize("name", LISTS)
def test_an_invalid_cursor_counts_as_absent(full, name):
    login, path, row, cursor = LISTS[name]
    visit, path = full.visit(login), path.format(**full.sample.cases)
    first = re.findall(row, visit.get(path).text, re.DOTALL)
    for told in ("", "x", "1.2.3.4.5.6", "-1.2", "9" * 30, "1..2", "1.x.3.4.5", "²"):
        page = visit.get(f"{path}?{cursor}={told}")
        assert page.status == 200
        assert re.findall(row, page.text, re.DOTALL) == first


def test_the_cursor_of_somebody_else_opens_nothing_of_theirs(full, monkeypatch):
    make_short(monkeypatch)
    for login, path, _row, cursor in LISTS.values():
        if not path.startswith("/me"):
            continue
        link = re.search(rf'href="([^"]*[?&;]{cursor}=[^"]*)"', full.see(login, path).text)
        foreign = full.see("stranger", unescape(link[1]).split("#")[0])
        assert foreign.status == 200
        assert not re.findall(r'href="/me/(?:deposit|claims)/\d|原因 \d|还有 \d', foreign.text)


def test_a_cursor_is_a_few_whole_numbers():
    assert read_cursor("12.34", 2) == (12, 34)
    for told in (None, "", "12", "12.34.56", "12.x", "12.-1", f"12.{2**63}"):
        assert read_cursor(told, 2) is None


def test_what_ends_soon_and_what_is_low_unfolds_to_its_end(village, monkeypatch):
    whole = village.see("keeper", "/store").text
    low = set(re.findall(r"<strong>([^<]+)</strong>", whole))
    monkeypatch.setattr("web.goods.store_desk.ROWS_SHOWN", 1)
    folded = village.see("keeper", "/store").text
    assert set(re.findall(r"<strong>([^<]+)</strong>", folded)) == low
    assert re.search(r"<summary>还有 \d+ 样</summary>", folded)
    assert "<summary>还有" not in whole or len(low) > 8
