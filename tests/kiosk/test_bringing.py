"""A donor opens at the kiosk, by its code, what they announced at home."""

from datetime import timedelta

import pytest

from kiosk.outbox import NewEvent
from tests.factories.looks import open_reviews, rows_with
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.goods import actions, queries
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.kiosks import wire
from timebank.kiosks.actions import settle_review
from timebank.ledger.accounts import accounts_of_kind
from timebank.ledger.queries import sums_by_commodity
from timebank.people.queries import briefs


@pytest.fixture
def announced(screen):
    """Three bottles and something outside the catalogue, announced at home."""
    shop = screen.stand.shop
    return screen.database.write(
        lambda session, now: actions.announce_deposit(
            Deed(session, screen.stand.volunteer, now, a_request_id()),
            store_id=shop.store_id,
            donor_person_id=screen.stand.volunteer.person_id,
            lines=(AnnouncedLine(shop.item("洗衣液"), 3), AnnouncedLine(None, 1, described="台灯")),
        )
    )


def opened(screen, code):
    screen.get("/deposit/announced")
    return screen.post("/deposit/announced", digits=code)


def bring(screen, code):
    opened(screen, code)
    return screen.post("/deposit/announced/confirm", event_id=screen.field("event_id"))


def clearing(screen):
    shop = screen.stand.shop
    return screen.read(queries.in_clearing, shop.store_id)


def booked(screen):
    """The pieces in the accounts of the kiosk, which the keeper's count will clear."""
    return [one.posted for one in screen.read(accounts_of_kind, "clearing") if one.posted]


def test_an_announced_deposit_is_opened_by_its_code_and_left_at_the_kiosk(screen, announced):
    page = opened(screen, announced.code)
    assert "洗衣液" in page and "台灯" in page and "3" in page
    event_id = screen.field("event_id")
    done = screen.post("/deposit/announced/confirm", event_id=event_id)
    assert "谢谢您" in done and "S1-K2-" in done
    (found,) = screen.deposits()
    assert (found.id, found.state, found.channel) == (announced.deposit_id, "brought", "kiosk")
    assert [one.pieces for one in clearing(screen)] == [4]
    assert booked(screen) == [3]  # What is in no catalogue is in no account.
    assert "谢谢您" in screen.post("/deposit/announced/confirm", event_id=event_id)
    assert len(screen.kiosk.outbox._deeds("WHERE type='deposit.brought'")) == 1


def test_the_scanner_opens_it_on_the_page_of_deposits(screen, announced):
    screen.get("/deposit")
    assert "您登记的物品" in screen.scan(announced.code)


def test_the_keeper_judges_it_and_the_clearing_is_empty_again(screen, announced):
    bring(screen, announced.code)
    shop = screen.stand.shop
    screen.database.write(
        lambda session, now: actions.receive_deposit(
            Deed(session, shop.keeper, now, a_request_id()),
            store_id=shop.store_id, deposit_id=announced.deposit_id,
            lines=(JudgedLine(shop.item("洗衣液"), 2, 2),),
        )
    )  # fmt: skip
    assert (clearing(screen), booked(screen)) == ([], [])
    with screen.database.reading() as session:
        assert set(sums_by_commodity(session, 1).values()) <= {(0, 0)}
        assert queries.deposit(session, 1, announced.deposit_id).accepted == 2


def test_it_is_brought_once(screen, announced):
    bring(screen, announced.code)
    screen.post("/end")
    assert "没有找到这个存入号码" in opened(screen, announced.code)
    assert screen.kiosk.outbox.count_waiting() == 0
    assert [one.pieces for one in clearing(screen)] == [4]


def grant_in(screen):
    """The server's word that the code was right, as the visit keeps it."""
    (visit,) = [one for one in screen.kiosk.visits._open.values() if one.announced]
    return visit.announced.found.grant


def test_what_two_visits_have_opened_is_brought_once(screen, announced):
    """Both hold the server's word for the code; the second report waits for a person."""
    opened(screen, announced.code)
    second = wire.DepositBrought(announced.deposit_id, grant_in(screen))
    screen.post("/deposit/announced/confirm", event_id=screen.field("event_id"))
    screen.kiosk.outbox.record(NewEvent("second visit", second, "visit"))
    assert screen.round()
    assert ([one.pieces for one in clearing(screen)], booked(screen)) == ([4], [3])
    with screen.database.reading() as session:
        (review,) = open_reviews(session, screen.stand.shop.keeper)
    assert review.reason == "WRONG_STATE"


def test_without_the_servers_word_for_the_code_a_person_looks_first(screen, announced):
    body = wire.DepositBrought(announced.deposit_id, "12.abc")
    screen.kiosk.outbox.record(NewEvent("guess", body, "visit"))
    screen.round()
    assert [one.state for one in screen.deposits()] == ["announced"]
    with screen.database.reading() as session:
        (review,) = open_reviews(session, screen.stand.shop.keeper)
    assert review.reason == "CODE_MISSING"
    screen.database.write(
        lambda session, now: settle_review(
            Deed(session, screen.stand.shop.keeper, now, "s"), review_id=review.review_id,
            how="post", note="",
        )
    )  # fmt: skip
    assert [one.state for one in screen.deposits()] == ["brought"]


@pytest.mark.parametrize(("minutes", "state"), [(29, "brought"), (31, "announced")])
def test_the_servers_word_lasts_half_an_hour(screen, announced, clock, minutes, state):
    opened(screen, announced.code)
    body = wire.DepositBrought(announced.deposit_id, grant_in(screen))
    clock.move(minutes=minutes)
    screen.kiosk.outbox.record(NewEvent("late", body, "visit"))
    screen.round()
    assert [one.state for one in screen.deposits()] == [state]


def test_the_servers_word_is_for_one_deposit(screen, announced):
    def announce(session, now):
        return actions.announce_deposit(
            Deed(session, screen.stand.volunteer, now, a_request_id()),
            store_id=screen.stand.shop.store_id,
            donor_person_id=screen.stand.volunteer.person_id,
            lines=(AnnouncedLine(screen.stand.shop.item("洗衣液"), 7),),
        )

    other = screen.database.write(announce)
    opened(screen, announced.code)
    body = wire.DepositBrought(other.deposit_id, grant_in(screen))
    screen.kiosk.outbox.record(NewEvent("other", body, "visit"))
    screen.round()
    assert {one.state for one in screen.deposits()} == {"announced"}


def test_wrong_codes_close_that_visit_only_and_typing_errors_none(screen, announced):
    for odd in ("", "12", "甲"):
        assert "6 位数字" in opened(screen, odd)
    wrong = [f"{n:06d}" for n in range(9) if f"{n:06d}" != announced.code]
    for code in wrong[:4]:
        assert "没有找到这个存入号码" in opened(screen, code)
    assert "已经输错 5 次" in opened(screen, wrong[4])
    assert "已经输错 5 次" in opened(screen, announced.code)
    screen.post("/end")
    assert "您登记的物品" in opened(screen, announced.code)


def test_an_announcement_past_its_last_day_opens_nothing(screen, announced, clock):
    days = announced.valid_until_on - screen.database.clock().date() + timedelta(days=2)
    clock.move(minutes=days.days * 24 * 60)
    assert "没有找到这个存入号码" in opened(screen, announced.code)


def test_offline_it_says_what_can_be_done(screen, announced):
    screen.cut()
    assert "从列表里选" in screen.get("/deposit/announced")


def test_what_was_opened_is_brought_even_if_the_network_fails_then(screen, announced):
    opened(screen, announced.code)
    event_id = screen.field("event_id")
    screen.cut()
    done = screen.post("/deposit/announced/confirm", event_id=event_id)
    assert "已经存在这台机器里" in done
    screen.mend()
    assert [one.state for one in screen.deposits()] == ["brought"]


def test_the_page_shows_no_name_and_the_chain_keeps_no_code(screen, announced):
    page = opened(screen, announced.code)
    with screen.database.reading() as session:
        name = briefs(session, 1, [screen.stand.volunteer.person_id])
    assert next(iter(name.values())).name not in page
    screen.post("/deposit/announced/confirm", event_id=screen.field("event_id"))
    with screen.database.reading() as session:
        tables = {table for table, _ in rows_with(session, announced.code)}
    assert "kiosk_inbox" not in tables
