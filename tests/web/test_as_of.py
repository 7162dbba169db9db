"""The passbook and the trial balance of a past day, as the books were then."""

import re
from datetime import timedelta

import pytest

from tests.factories.sample import TODAY, a_request_id, enter, serve
from timebank.deeds.deed import Deed
from timebank.hours.actions import confirm_records
from timebank.hours.queries import passbook, passbook_lines
from timebank.sealing.history import trial_balance
from timebank.values import local_day, local_instant
from web.formats import clock_minutes, minutes

MOST = 12  # Statements of a page: issue 2, point 14.
A_MONTH_AGO = TODAY - timedelta(days=30)
# Days of the last month on which the volunteer of the sample has nothing to do yet.
DAYS_BETWEEN = [TODAY - timedelta(days=back) for back in range(30, 2, -1) if back % 7]


def lines_then(village, on):
    lines = village.ask(passbook_lines, village.sample.people["volunteer"].person_id, limit=500)
    return [line for line in lines if local_day(line.posted_at) <= on]


def amounts(page):
    """The running balances on the page, newest first."""
    return re.findall(r"余额 </span>([^<]+)<", page.text)


def number_of(page):
    """The large number on the card."""
    big = page.text.split('class="passbook-number">')[1].split("</p>")[0]
    return re.sub(r"<[^>]+>", "", big).split()


@pytest.mark.parametrize("back", [75, 30, 8, 1])
def test_the_passbook_of_a_past_day_tells_what_was_there_when_it_ended(village, back):
    on = TODAY - timedelta(days=back)
    page = village.see("volunteer", f"/me/?on={on}")
    expected = lines_then(village, on)
    assert page.status == 200
    assert number_of(page) == minutes(expected[0].after, "zh").split()
    assert amounts(page) == [clock_minutes(line.after, "zh") for line in expected]
    now = village.ask(passbook, village.sample.people["volunteer"].person_id)
    assert expected[0].after < now.posted_minutes or back == 1


def test_a_day_before_everything_shows_an_empty_book(village):
    page = village.see("volunteer", "/me/?on=2020-01-01")
    assert page.status == 200
    assert number_of(page) == minutes(0, "zh").split()
    assert amounts(page) == []
    assert village.see("donor", f"/me/?on={A_MONTH_AGO}").status == 200


def test_the_pages_of_a_past_day_stay_within_it(village):
    yesterday = TODAY - timedelta(days=1)

    def live_on(session, now):
        for day in DAYS_BETWEEN:
            serve(session, village.sample, on=day, minutes=30)
        _confirm_late(session, village.sample, TODAY - timedelta(days=2), TODAY)

    village.database.write(live_on)
    visit = village.visit("volunteer")
    page = visit.get(f"/me/?on={yesterday}")
    older = re.search(r'href="(/me/\?direction=all[^"]*before=\d[^"]*)"', page.text).group(1)
    older = older.replace("&amp;", "&")
    assert f"on={yesterday}" in older
    shown = amounts(page) + amounts(visit.get(older))
    expected = lines_then(village, yesterday)
    assert shown == [clock_minutes(line.after, "zh") for line in expected]
    assert len(expected) > 20
    # An address that was changed to show more lines still ends with its day.
    turned = visit.get(f"/me/?on={yesterday}&before=9999999.9999999999999999.1.9999999999999999.1")
    assert amounts(turned) == amounts(page)


def test_goods_of_later_days_are_not_in_the_book_of_a_past_day(village):
    today = village.see("donor", "/me/").text.count("ledger-goods")
    then = village.see("donor", f"/me/?on={TODAY - timedelta(days=70)}").text.count("ledger-goods")
    assert 0 < then < today


@pytest.mark.parametrize("on", ["", "x", "2025-13-01", "0001-01-01", "9999-12-31", str(TODAY)])
def test_a_day_that_is_none_or_not_over_shows_today(village, on):
    page = village.see("volunteer", f"/me/?on={on}")
    assert page.status == 200
    assert "今天可以做" in page.text


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("volunteer", f"/me/?on={A_MONTH_AGO}"),
        ("claimant", f"/me/?on={A_MONTH_AGO}"),
        ("coordinator", "/work/books"),
        ("coordinator", f"/work/books?on={A_MONTH_AGO}"),
    ],
)
def test_a_past_day_takes_few_statements_and_no_more_for_more(village, name, path):
    visit = village.visit(name)
    visit.get(path)
    with village.statements() as before:
        assert visit.get(path).status == 200
    assert len(before) <= MOST, "\n".join(before)

    def live_on(session, now):
        for day in DAYS_BETWEEN:
            serve(session, village.sample, on=day, minutes=30)

    village.database.write(live_on)
    with village.statements() as after:
        assert visit.get(path).status == 200
    assert len(after) == len(before), "\n".join(after)


@pytest.mark.parametrize("on", ["", str(A_MONTH_AGO), "2020-01-01"])
def test_the_trial_balance_comes_out_even(village, on):
    page = village.see("coordinator", f"/work/books?on={on}")
    assert page.status == 200
    assert "不平衡" not in page.text
    assert ("大米" in page.text) == (on != "2020-01-01")


def test_the_trial_balance_of_a_day_tells_what_the_books_held_then(village):
    page = village.see("coordinator", f"/work/books?on={A_MONTH_AGO}")
    expected = lines_then(village, A_MONTH_AGO)[0].after
    assert f">{clock_minutes(expected, 'zh')}</td>" in page.text


def test_books_that_do_not_come_out_are_told(village, monkeypatch):
    """The tag follows the figures: if one kind is left out, it must not say balanced."""

    def with_one_left_out(*told):
        return [line for line in trial_balance(*told) if line.kind not in ("issue", "donated")]

    monkeypatch.setattr("web.sealing.work.trial_balance", with_one_left_out)
    assert village.see("coordinator", "/work/books").text.count("不平衡") >= 3


def _confirm_late(session, sample, day, later):
    record_id = enter(session, sample, on=day, minutes=60)
    for name, side in (("claimant", "recipient"), ("social", "organiser")):
        confirm_records(
            Deed(session, sample.people[name], local_instant(later, 9), a_request_id()),
            record_ids=(record_id,),
            as_=side,
        )


def test_what_was_recorded_after_its_day_is_listed_under_it(village):
    day = TODAY - timedelta(days=3)
    page = village.see("coordinator", f"/work/books?on={day}")
    assert "这一天发生、过后才入账的" in page.text and "<strong>服务记入" not in page.text
    village.database.write(
        lambda session, now: _confirm_late(session, village.sample, day, day + timedelta(days=1))
    )
    page = village.see("coordinator", f"/work/books?on={day}")
    assert "<strong>服务记入</strong> 1 笔" in page.text


@pytest.mark.parametrize("name", ["volunteer", "keeper", "social", "approver"])
def test_the_trial_balance_is_for_those_who_keep_and_audit_the_books(village, name):
    assert village.see(name, "/work/books").status == 403


def test_a_passer_by_is_led_to_the_sign_in(village):
    assert village.see("", "/work/books").status == 303
