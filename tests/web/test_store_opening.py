"""When the shop is open: set by a keeper, and shown where it matters."""

from datetime import UTC, date, datetime

import pytest

from tests.web.test_store_issue import a_claim, claims
from timebank.goods.opening import OpenSpan
from timebank.goods.queries import opening_of
from timebank.values import local_instant

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9:00-12:00 14:00-17:30")
WHOLE = WEEK | {"since_on": "2025-06-10", "sat": "", "sun": ""}


def hours(office, day):
    with office.database.reading() as session:
        shop = office.shop
        return opening_of(session, shop.town.community_id, shop.store_id).hours(day)


def test_a_keeper_sets_the_week_and_a_closed_day(office):
    visit = office.enter("keeper")
    page = visit.get("/store/opening")
    assert "还没有登记开门时间" in page.text
    shown = visit.follow(visit.press(page, "do", "week", **WHOLE))
    assert "09:00–12:00、14:00–17:30" in shown.text and "不开门" in shown.text
    assert hours(office, date(2025, 6, 11)) == (OpenSpan(540, 720), OpenSpan(840, 1050))
    assert hours(office, date(2025, 6, 14)) == ()
    told = {"day_on": "2025-06-12", "note": "盘点", "hours": ""}
    closed = visit.follow(visit.press(visit.get("/store/opening"), "do", "day", **told))
    assert "盘点" in closed.text and hours(office, date(2025, 6, 12)) == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"mon": "9"}, {"mon": "9:00-8:00"}, {"mon": "9:00-12:00 11:00-13:00"}, {"mon": "x"},
        {"since_on": ""}, {"since_on": "2025-06-01"},
    ],
)  # fmt: skip
def test_odd_hours_are_refused_and_what_was_typed_stays(office, odd):
    visit = office.enter("keeper")
    answer = visit.press(visit.get("/store/opening"), "do", "week", **WHOLE | odd)
    assert answer.status == 422
    assert answer.value("tue") == WHOLE["tue"]
    assert hours(office, date(2025, 6, 14)) == (OpenSpan(0, 1440),)


def test_the_keeper_notes_that_somebody_came(office):
    claimed, by, _card = a_claim(office)
    visit = office.enter("keeper")
    page = visit.get(f"/work?case=pickup-{claimed.claim_id}")
    done = visit.press(page, "do", "sent_home", pickup_code=claimed.pickup_code)
    assert done.status == 303 and claims(office, by)[0].state == "ready"
    wrong = visit.press(page, "do", "sent_home", pickup_code="000000")
    assert wrong.status == 422


def test_a_deadline_beyond_the_known_days_is_marked(office, clock):
    clock.now = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    claimed, _by, _card = a_claim_with_paper(office)
    assert claimed.hold_until_at == local_instant(date(2027, 1, 2), 10)
    assert claimed.hold_is_provisional
    queue = office.enter("keeper").get("/work")
    assert "1月2日（暂定）" in queue.text
    case = office.enter("keeper").get(f"/work?case=pickup-{claimed.claim_id}")
    assert "为他留到 1月2日 10:00（暂定）" in case.text


def test_the_coordinator_is_warned_before_the_table_ends(office, clock):
    warning = "工作日历只到 2026年12月31日"
    clock.now = datetime(2026, 10, 31, 2, 0, tzinfo=UTC)  # 61 days before.
    assert warning not in office.enter("coordinator").get("/work").text
    clock.move(days=1)
    assert warning in office.enter("coordinator").get("/work").text
    assert warning not in office.enter("keeper").get("/work").text


def a_claim_with_paper(office):
    from tests.factories.aid import make_claim, make_claimant
    from tests.factories.goods import make_stock

    def build(session):
        now = office.database.clock()
        by = make_claimant(session, office.town, valid_until_on=date(2027, 12, 31))
        make_stock(session, office.shop, "毛巾", 2, now=now)
        return make_claim(session, office.shop, by, now=now, 毛巾=2), by, None

    return office.do(build)
