"""What is done by touch: claiming, announcing, the shelf, and the household that is helped."""

import re

import pytest
from sqlalchemy import select

from kiosk.server import ServerDown
from tests.factories.aid import make_claim, make_claimant, make_resident
from tests.factories.goods import make_stock
from tests.factories.looks import claims_of, open_reviews
from tests.factories.people import PIN, a_request_id, make_card, make_household
from timebank.deeds.deed import Deed
from timebank.goods import queries as goods
from timebank.hours.tables import service_record
from timebank.people import queries as people
from timebank.people.actions import ask_for_pin, set_pin


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


def stock(screen, **pieces):
    def receive(session, now):
        for name, count in pieces.items():
            make_stock(session, screen.stand.shop, name, count)

    screen.database.write(receive)


def claims(screen):
    with screen.database.reading() as session:
        return claims_of(session, 1)


def choose(screen, name, pieces):
    item_id = screen.stand.shop.item(name)
    screen.get(f"/take/item/{item_id}")
    return screen.post("/take/item", item_id=item_id, pieces=pieces)


def someone_else_takes(screen, name, pieces):
    def claim(session, now):
        by = make_claimant(session, screen.stand.shop.town, building=1)
        return make_claim(session, screen.stand.shop, by, now=now, **{name: pieces})

    return screen.database.write(claim)


# What may be taken.


def test_the_kiosk_says_what_may_be_taken_as_the_web_does(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    page = screen.get("/take")
    assert "还可以领 20 件" in page
    assert "洗衣液" in page
    assert "有 5 瓶" in page
    assert "毛巾" not in page


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "当天就能领"), ("en", "bring the original")]
)
def test_who_may_take_nothing_reads_why_and_what_to_bring(screen, language, words):
    stock(screen, 洗衣液=5)

    def card_of_a_home_without_paper(session, now):
        by = make_resident(session, screen.stand.shop.town)
        return make_card(session, screen.stand.shop.town, by.person_id)

    screen.scan(screen.database.write(card_of_a_home_without_paper).token)
    screen.post("/prefs", language=language)
    assert words in screen.get("/take")
    assert 'class="papers"' in screen.page
    if language == "en":
        assert not re.search(r"[一-鿿]", re.sub(r"<[^>]+>|中文|实体店", "", screen.page))


def test_off_line_the_claim_page_says_that_it_needs_the_connection(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.cut()
    assert "现在网络断开，这里暂时不能预约" in screen.get("/take")
    assert "份额还在" in screen.page


def test_whose_household_asked_for_the_pin_types_it_before_anything_is_told(screen):
    stock(screen, 洗衣液=5)
    by, card_id = screen.stand.volunteer, screen.stand.card.id

    def wish(session, now):
        set_pin(Deed(session, by, now, a_request_id()), card_id=card_id, pin=PIN)
        ask_for_pin(Deed(session, by, now, a_request_id()), card_id=card_id)

    screen.database.write(wish)
    screen.scan()
    whole, asked = screen.line, []
    screen.line = lambda call: asked.append(call.path) or whole(call)
    assert "洗衣液" not in screen.get("/take")
    assert "请输数字密码" in screen.page
    assert asked == []
    assert "洗衣液" in screen.post("/pin", pin=PIN)
    choose(screen, "洗衣液", 1)
    screen.get("/take/check")
    screen.post("/take/confirm", event_id=screen.field("event_id"))
    assert [one.state for one in claims(screen)] == ["ready"]


# Claiming.


def test_goods_are_chosen_checked_claimed_and_fetched_by_touch(screen):
    stock(screen, 洗衣液=5, 毛巾=3)
    screen.scan()
    screen.get("/take")
    choose(screen, "洗衣液", 2)
    choose(screen, "毛巾", 1)
    page = screen.get("/take/check")
    assert "请核对，没有错就预约" in page
    event_id = screen.field("event_id")
    assert claims(screen) == []
    done = screen.post("/take/confirm", event_id=event_id)
    (claim,) = claims(screen)
    assert claim.channel == "kiosk"
    assert claim.pickup_code in done
    assert {line.item_id: line.approved for line in claim.lines} == {
        screen.stand.shop.item("洗衣液"): 2,
        screen.stand.shop.item("毛巾"): 1,
    }
    assert claim.claim_no in screen.get("/pickup")


def test_a_second_tap_and_back_claim_once(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.get("/take")
    choose(screen, "洗衣液", 2)
    screen.get("/take/check")
    event_id = screen.field("event_id")
    screen.post("/take/confirm", event_id=event_id)
    assert "为您留好了" in screen.post("/take/confirm", event_id=event_id)
    assert len(claims(screen)) == 1


def test_less_than_wanted_is_shown_first_and_only_that_is_claimed(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.get("/take")
    choose(screen, "洗衣液", 5)
    someone_else_takes(screen, "洗衣液", 3)
    page = screen.get("/take/check")
    assert "比您要的少，请先看清楚" in page
    assert "想要 5，少了 3：货架上不够" in page
    event_id = screen.field("event_id")
    assert len(claims(screen)) == 1
    screen.post("/take/confirm", event_id=event_id)
    mine = [one for one in claims(screen) if one.channel == "kiosk"]
    assert [(one.asked, one.approved) for one in mine] == [(2, 2)]


def test_nothing_is_claimed_when_less_is_there_than_was_confirmed(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.get("/take")
    choose(screen, "洗衣液", 4)
    screen.get("/take/check")
    event_id = screen.field("event_id")
    someone_else_takes(screen, "洗衣液", 3)
    page = screen.post("/take/confirm", event_id=event_id)
    assert "什么都还没有留" in page
    assert "比您要的少" in page
    assert [one.channel for one in claims(screen)] == ["web"]
    with screen.database.reading() as session:
        assert open_reviews(session, screen.stand.shop.keeper) == []
    again = screen.field("event_id")
    assert again != event_id
    screen.post("/take/confirm", event_id=again)
    assert sorted(one.approved for one in claims(screen)) == [2, 3]


def test_who_is_refused_asks_a_person_by_touch(screen):
    stock(screen, 洗衣液=5)

    def card_of_a_home_without_paper(session, now):
        by = make_resident(session, screen.stand.shop.town)
        return make_card(session, screen.stand.shop.town, by.person_id)

    screen.scan(screen.database.write(card_of_a_home_without_paper).token)
    screen.get("/take")
    screen.get("/take/list")
    choose(screen, "洗衣液", 2)
    screen.get("/take/check")
    done = screen.post("/take/confirm", event_id=screen.field("event_id"))
    assert "工作人员正在看" in done
    (claim,) = claims(screen)
    assert (claim.state, claim.asked) == ("review", 2)


def test_more_than_there_is_cannot_be_chosen(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.get("/take")
    for odd in ("6", "1e1", "²", ""):
        assert "从 1 到 5" in choose(screen, "洗衣液", odd)
    assert "选了 3 瓶" in choose(screen, "洗衣液", "　３ ")
    assert "选了" not in choose(screen, "洗衣液", "0")


def test_the_line_breaks_while_claiming_and_the_page_says_what_it_knows(screen):
    stock(screen, 洗衣液=5)
    screen.scan()
    screen.get("/take")
    choose(screen, "洗衣液", 2)
    screen.get("/take/check")
    event_id = screen.field("event_id")
    screen.whole = screen.line

    def lost(call):
        if call.path.endswith("/events"):
            screen.whole(call)
            raise ServerDown("the answer was lost")
        return screen.whole(call)

    screen.line = lost
    page = screen.post("/take/confirm", event_id=event_id)
    assert "已经记下，还没有结果" in page
    screen.mend()
    assert "为您留好了" in screen.get(f"/take/done/{event_id}")
    assert len(claims(screen)) == 1


# Announcing, the shelf.


def test_what_is_still_at_home_is_announced_with_a_code(screen):
    screen.list_soap(3)
    event_id = screen.field("event_id")
    assert "要先刷卡" in screen.post("/announce", event_id=event_id)
    screen.scan()
    screen.get("/deposit/check")
    done = screen.post("/announce", event_id=event_id)
    (announced,) = screen.deposits()
    assert announced.code in done
    assert (announced.state, announced.pieces) == ("announced", 3)
    assert announced.code in screen.post("/announce", event_id=event_id)
    assert len(screen.deposits()) == 1


def test_announced_goods_are_not_in_the_clearing_of_the_kiosk(screen):
    screen.list_soap(3)
    screen.scan()
    screen.get("/deposit/check")
    screen.post("/announce", event_id=screen.field("event_id"))
    assert screen.read(goods.in_clearing, screen.stand.shop.store_id) == []


def test_everybody_sees_the_shelf_and_offline_its_last_state_with_its_time(screen):
    stock(screen, 洗衣液=5)
    assert "洗衣液" in screen.get("/shelf")
    screen.cut()
    assert "洗衣液" in screen.get("/shelf")
    assert "截至 6月10日 10:00 · 网络断开" in screen.page


# Whom a service is for.


def record_of(screen):
    with screen.database.reading() as session:
        return session.execute(select(service_record)).one()


def neighbour(screen):
    def settle(session, now):
        home = make_household(session, screen.stand.shop.town)
        return home, make_card(session, screen.stand.shop.town, home.person_ids[0])

    return screen.database.write(settle)


def test_nobody_checks_in_without_saying_whom_it_is_for(screen):
    screen.scan()
    screen.get(f"/shift/start/{screen.stand.service_id}")
    assert "帮的是哪一户？" in screen.page
    screen.get("/shift/confirm")
    assert "今天做什么服务" in screen.page
    told = screen.choose_service()
    screen.get(f"/shift/start/{screen.stand.service_id}")
    assert "帮的是哪一户？" in screen.post("/shift/start", **told)
    assert screen.kiosk.outbox._deeds("WHERE type='shift.started'") == []


@pytest.mark.parametrize("is_up", [True, False])
def test_the_card_of_the_household_names_it(screen, is_up):
    home, card = neighbour(screen)
    screen.kiosk.sync._looked_at = None
    screen.round()
    screen.scan()
    if not is_up:
        screen.cut()
    screen.get(f"/shift/start/{screen.stand.service_id}")
    page = screen.scan(card.token)
    assert "现在签到？" in page
    screen.post("/shift/start", event_id=screen.field("event_id"))
    if not is_up:
        screen.mend()
    assert record_of(screen).recipient_household_id == home.household_id
    assert record_of(screen).person_id == screen.stand.volunteer.person_id


@pytest.mark.parametrize("kind", ["household", "card"])
def test_its_typed_number_names_it(screen, kind):
    home, card = neighbour(screen)
    number = card.card_no
    if kind == "household":
        brief = screen.read(people.household_briefs, [home.household_id])[home.household_id]
        number = brief.household_no.removeprefix("H-")
    screen.scan()
    screen.post("/shift/start", **screen.choose_service(helped=number))
    assert record_of(screen).recipient_household_id == home.household_id


def test_a_household_number_typed_offline_is_looked_up_when_it_arrives(screen):
    home, card = neighbour(screen)
    brief = screen.read(people.household_briefs, [home.household_id])[home.household_id]
    screen.scan()
    screen.cut()
    screen.get(f"/shift/start/{screen.stand.service_id}")
    assert "认不出卡号" in screen.post("/shift/helped/number", digits=card.card_no)
    screen.post("/shift/helped/number", digits=brief.household_no)
    screen.post("/shift/start", event_id=screen.field("event_id"))
    screen.mend()
    assert record_of(screen).recipient_household_id == home.household_id


def test_a_group_is_a_group_on_purpose(screen):
    screen.scan()
    screen.post("/shift/start", **screen.choose_service())
    assert record_of(screen).recipient_household_id is None
    (kept,) = screen.kiosk.outbox._deeds("WHERE type='shift.started'")
    assert kept.body().is_group


def test_an_unknown_number_and_ones_own_home_are_told_at_once(screen):
    own = screen.read(people.person_brief, screen.stand.volunteer.person_id)
    home_id = own.household_id
    brief = screen.read(people.household_briefs, [home_id])[home_id]
    screen.scan()
    screen.get(f"/shift/start/{screen.stand.service_id}")
    assert "没有找到这个号码" in screen.post("/shift/helped/number", digits="999998")
    assert "照顾自己和自己的家人" in screen.post("/shift/helped/number", digits=brief.household_no)
    assert "这是您自己的卡" in screen.scan()
    assert "请再输一次" in screen.post("/shift/helped/number", digits="12345678")


def test_a_typed_card_number_stays_out_of_the_outbox(screen):
    _home, card = neighbour(screen)
    screen.scan()
    screen.post("/shift/start", **screen.choose_service(helped=card.card_no))
    kept = screen.kiosk.outbox._deeds("")
    assert all(card.card_no.encode() not in one.raw for one in kept)
