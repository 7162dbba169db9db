"""The pages: what they record, what a second tap does, what they never show."""

import re
from dataclasses import replace

import pytest

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.looks import open_reviews, rows_with, stands_in
from tests.factories.people import make_card, make_household
from timebank.aid import queries as aid
from timebank.deeds.deed import Deed
from timebank.hours import queries as hours
from timebank.hours.actions import check_in
from timebank.people import queries as people


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


def test_goods_are_scanned_counted_checked_and_recorded(screen):
    assert "洗衣液" in screen.list_soap(3)
    done = screen.post("/deposit/confirm", event_id=screen.field("event_id"))
    assert "谢谢您" in done
    assert re.search(r"S1-K2-\d{5}", done)
    assert [one.pieces for one in screen.deposits()] == [3]


def test_a_second_tap_and_back_lead_to_the_first_result(screen):
    screen.list_soap()
    event_id = screen.field("event_id")
    first = screen.post("/deposit/confirm", event_id=event_id)
    slip = re.search(r"S1-K2-\d{5}", first)[0]
    assert slip in screen.post("/deposit/confirm", event_id=event_id)
    assert slip in screen.get(f"/done/{event_id}")
    assert len(screen.deposits()) == 1


def test_a_reload_on_the_way_loses_and_repeats_nothing(screen):
    screen.get("/deposit")
    screen.scan(screen.barcode("洗衣液"))
    screen.get("/deposit/pieces")
    screen.get("/deposit/pieces")
    screen.post("/deposit/pieces", pieces=4)
    screen.get("/deposit/condition")
    screen.post("/deposit/condition", condition="nine_tenths")
    screen.get("/deposit")
    assert screen.get("/deposit/check").count('class="remove"') == 1


@pytest.mark.parametrize("odd", ["1e1", "1_0", "+1", "１e１", "0x1", "٣", "²", "", "0", "1000"])
def test_what_is_no_number_of_pieces_is_asked_again(screen, odd):
    screen.get("/deposit")
    screen.scan(screen.barcode("洗衣液"))
    assert "请说有几件" in screen.post("/deposit/pieces", pieces=odd)
    screen.post("/deposit/pieces", pieces="　１２ ")
    screen.post("/deposit/condition", condition="new")
    screen.post("/deposit/confirm", event_id=_event_id(screen))
    assert [one.pieces for one in screen.deposits()] == [12]


def _event_id(screen):
    screen.get("/deposit/check")
    return screen.field("event_id")


def test_food_is_asked_for_its_day_and_what_is_over_is_kindly_declined(screen):
    screen.get("/deposit")
    screen.scan(screen.barcode("大米"))
    screen.post("/deposit/pieces", pieces=1)
    assert "保质期到哪一天" in screen.page
    for digits in ("", "2025", "20251340", "18000101"):
        assert "八位数字" in screen.post("/deposit/before", digits=digits)
    assert "已经过了" in screen.post("/deposit/before", digits="20250609")
    screen.post("/deposit/before", digits="２０２６－０１－３１")
    assert "2026年1月31日" in screen.get("/deposit/check")


@pytest.mark.parametrize("pieces", ["0", "-1", "1000", "x", ""])
def test_an_impossible_count_is_asked_again(screen, pieces):
    screen.get("/deposit")
    screen.scan(screen.barcode("洗衣液"))
    assert "请说有几件" in screen.post("/deposit/pieces", pieces=pieces)


def test_a_line_can_be_taken_off_again(screen):
    screen.list_soap()
    screen.post("/deposit/drop", line=0)
    assert "请核对" not in screen.get("/deposit/check")
    screen.scan(screen.barcode("洗衣液"))
    assert "从列表里选" in screen.post("/deposit/drop")


def test_a_deposit_with_a_card_bears_the_name_and_without_it_none(screen):
    screen.list_soap()
    screen.scan()
    brief = screen.read(people.person_brief, screen.stand.volunteer.person_id)
    assert brief.masked_name in screen.get("/deposit/check")
    screen.post("/deposit/confirm", event_id=screen.field("event_id"))
    assert screen.deposits()[0].donor_person_id == screen.stand.volunteer.person_id


def test_an_unknown_barcode_and_rubbish_are_said_not_done(screen):
    screen.get("/deposit")
    assert "目录里没有这个条码" in screen.scan("4006381333931")
    for rubbish in ("\x1b[A\x1b[B", "GZT1:ILOU", "x" * 100, "1234567890123"):
        assert "没有认出来" in screen.scan(rubbish)


def test_check_in_and_check_out_are_two_doors(screen, clock):
    screen.scan()
    assert "今天做什么服务" in screen.get("/shift")
    start = screen.choose_service()
    assert "签到好了" in screen.post("/shift/start", **start)
    assert "签到好了" in screen.post("/shift/start", **start)
    clock.move(minutes=95)
    assert "您正在服务" in screen.get("/shift")
    assert "签退好了" in screen.post("/shift/end", event_id=screen.field("event_id"))
    (served,) = screen.read(hours.records_of_person, screen.stand.volunteer.person_id)
    assert served.real_minutes == 95


def test_two_starts_within_two_minutes_are_one(screen, clock):
    screen.scan()
    first = screen.post("/shift/start", **screen.choose_service())
    clock.move(seconds=90)
    second = screen.post("/shift/start", **screen.choose_service())
    assert re.search(r"S1-K2-\d+", second)[0] == re.search(r"S1-K2-\d+", first)[0]
    kept = screen.kiosk.outbox._deeds("WHERE type='shift.started'")
    assert len(kept) == 1


def test_a_shift_begun_elsewhere_is_ended_here_even_off_line(screen, clock):
    person_id = screen.stand.volunteer.person_id
    screen.database.write(
        lambda session, now: check_in(
            Deed(session, screen.stand.volunteer, now, "phone"),
            person_id=person_id,
            service_id=screen.stand.service_id,
        )
    )
    screen.kiosk.sync._looked_at = None
    screen.round()
    screen.cut()
    clock.move(minutes=40)
    screen.scan()
    assert "您正在服务" in screen.get("/shift")
    done = screen.post("/shift/end", event_id=screen.field("event_id"))
    assert "已经存在这台机器里" in done
    screen.mend()
    assert screen.read(hours.open_shift, person_id) is None


def test_who_is_no_volunteer_is_invited_to_become_one(screen):
    def neighbour_card(session, now):
        family = make_household(session, screen.stand.shop.town)
        return make_card(session, screen.stand.shop.town, family.person_ids[0])

    card = screen.database.write(neighbour_card)
    screen.scan(card.token)
    assert "欢迎您来做志愿者" in screen.get("/shift")


def claim_for(screen):
    def claim(session, now):
        make_stock(session, screen.stand.shop, "洗衣液", 5)
        return make_claim(session, screen.stand.shop, screen.stand.volunteer, now=now, 洗衣液=2)

    return screen.database.write(claim)


@pytest.mark.parametrize("way", ["card", "code"])
def test_what_was_set_aside_goes_home_by_card_or_by_code(screen, way):
    claim = claim_for(screen)
    screen.get("/pickup")
    if way == "card":
        screen.scan()
        screen.get("/pickup")
    else:
        screen.post("/pickup/code", digits=claim.pickup_code)
    assert claim.claim_no in screen.page
    screen.get(f"/pickup/{claim.claim_id}")
    event_id = screen.field("event_id")
    assert "领好了" in screen.post("/pickup/confirm", event_id=event_id, claim_id=claim.claim_id)
    assert "领好了" in screen.post("/pickup/confirm", event_id=event_id, claim_id=claim.claim_id)
    assert screen.read(aid.claim, claim.claim_id).state == "issued"


def test_a_claim_that_lapsed_meanwhile_goes_to_the_staff(screen, clock):
    claim = claim_for(screen)
    screen.scan()
    screen.get(f"/pickup/{claim.claim_id}")
    clock.move(hours=80)
    told = {"event_id": screen.field("event_id"), "claim_id": claim.claim_id}
    assert "请工作人员看一下" in screen.post("/pickup/confirm", **told)
    with screen.database.reading() as session:
        (review,) = open_reviews(session, screen.stand.shop.keeper)
    assert review.reason == "WRONG_STATE"


def test_a_wrong_code_and_half_a_code_open_nothing(screen):
    screen.get("/pickup")
    assert "六位数字" in screen.post("/pickup/code", digits="12")
    assert "没有找到" in screen.post("/pickup/code", digits="000000")
    assert "S1" not in screen.get("/pickup/123").replace(screen.kiosk.outbox.identity.store_zh, "")


def guess(screen, numbers):
    for number in numbers:
        screen.get("/pickup")
        screen.post("/pickup/code", digits=f"{number:06d}")


def test_whoever_types_wrong_codes_is_stopped_in_that_visit_and_nobody_else(screen):
    claim = claim_for(screen)
    guess(screen, range(4))
    assert "没有找到这个取物码" in screen.page
    guess(screen, [4])
    assert "已经输错 5 次" in screen.page
    assert "已经输错 5 次" in screen.post("/pickup/code", digits=claim.pickup_code)
    assert screen.kiosk.sync.is_up
    screen.post("/end")
    screen.get("/pickup")
    assert claim.claim_no in screen.post("/pickup/code", digits=claim.pickup_code)


def test_in_the_visit_that_is_stopped_the_card_still_opens(screen):
    claim = claim_for(screen)
    guess(screen, range(5))
    screen.scan()
    assert claim.claim_no in screen.get("/pickup")


def test_typing_errors_are_no_wrong_codes(screen):
    claim = claim_for(screen)
    for odd in ("12345", "", "甲乙丙丁戊己") * 2:
        screen.get("/pickup")
        screen.post("/pickup/code", digits=odd)
    assert claim.claim_no in screen.post("/pickup/code", digits=claim.pickup_code)


def test_who_begins_visit_after_visit_to_guess_is_asked_to_wait(screen):
    claim = claim_for(screen)
    for first in range(0, 25, 5):
        guess(screen, range(first, first + 5))
        screen.post("/end")
    screen.get("/pickup")
    assert "以后再试" in screen.post("/pickup/code", digits=claim.pickup_code)
    assert screen.kiosk.sync.is_up
    screen.scan()
    assert claim.claim_no in screen.get("/pickup")


def test_without_a_network_pick_up_says_so_kindly(screen):
    screen.cut()
    assert "还给您留着" in screen.get("/pickup")


def test_the_passbook_is_veiled_until_it_is_tapped(screen):
    screen.scan()
    assert "••••" in screen.get("/passbook")
    assert "20 件" not in screen.page
    assert "20 件" in screen.post("/passbook/show")
    assert "••••" in screen.post("/passbook/hide")
    assert len(screen.kiosk.outbox._deeds("WHERE type='balance.viewed'")) == 1


def test_off_line_the_banner_counts_what_is_saved_and_all_arrives_later(screen):
    screen.cut()
    screen.list_soap()
    done = screen.post("/deposit/confirm", event_id=screen.field("event_id"))
    assert "网络断开，可以继续使用，已保存 1 笔" in done
    assert "已经存在这台机器里" in done
    assert screen.deposits() == []
    assert screen.client.get("/status").json["waiting"] == 1
    screen.mend()
    assert len(screen.deposits()) == 1
    assert "网络正常" in screen.get("/")


def test_the_last_known_passbook_is_there_off_line_with_its_date(screen):
    screen.cut()
    screen.scan()
    screen.get("/passbook")
    assert "截至 6月10日 10:00" in screen.post("/passbook/show")
    assert "联网后能看到" in screen.page


def test_an_unknown_card_is_noted_and_goods_are_still_welcome(screen):
    assert "认不出来" in screen.scan("GZT1:0000000000" + "0")
    assert len(screen.kiosk.outbox._deeds("WHERE type='card.unknown'")) == 1


def test_another_card_ends_the_visit_of_the_one_before(screen):
    screen.scan()
    screen.list_soap()

    def other(session, now):
        family = make_household(session, screen.stand.shop.town)
        return make_card(session, screen.stand.shop.town, family.person_ids[0])

    screen.scan(screen.database.write(other).token)
    assert "请核对" not in screen.get("/deposit/check")
    assert "••••" in screen.get("/passbook")


def test_the_end_of_a_visit_forgets_everything(screen):
    screen.list_soap()
    event_id = screen.field("event_id")
    screen.post("/deposit/confirm", event_id=event_id)
    screen.post("/end")
    assert "谢谢您" not in screen.get(f"/done/{event_id}")
    assert "请先刷服务卡" in screen.get("/passbook")


def test_a_visit_that_nobody_touches_is_dropped(screen, monkeypatch):
    screen.scan()
    screen.client.get("/status")
    later = screen.kiosk.visits._clock() + 121
    monkeypatch.setattr(screen.kiosk.visits, "_clock", lambda: later)
    assert "请先刷服务卡" in screen.get("/passbook")


def test_nobody_sees_a_whole_name_or_a_token(screen):
    brief = screen.read(people.person_brief, screen.stand.volunteer.person_id)
    screen.scan()
    for path in ("/", "/passbook", "/shift", "/pickup", "/deposit", "/help", "/card"):
        page = screen.get(path)
        assert brief.name not in page
        assert screen.stand.card.token not in page
        assert screen.stand.card.card_no not in page


def test_every_page_speaks_english_after_one_tap(screen):
    screen.post("/prefs", language="en")
    paths = ("/", "/deposit", "/deposit/list", "/card", "/pickup", "/passbook", "/help", "/look")
    for path in (*paths, "/shelf", "/take"):
        bare = re.sub(r"<[^>]+>|中文", "", screen.get(path))
        bare = bare.replace(screen.kiosk.outbox.identity.store_en, "")
        assert not re.search(r"[一-鿿]", bare), path


def test_preferences_keep_the_page(screen):
    screen.get("/deposit/list")
    page = screen.post("/prefs", large="1")
    assert 'data-text="large"' in page
    assert "您带来的是什么" in page


def test_a_full_disk_stops_a_task_before_it_begins(screen):
    screen.kiosk.config = replace(screen.kiosk.config, disk_free_min=2**62)
    assert "请到柜台办理" in screen.get("/deposit")


def test_a_pick_up_by_code_leaves_the_code_neither_here_nor_on_the_server(screen):
    claim = claim_for(screen)
    screen.get("/pickup")
    screen.post("/pickup/code", digits=claim.pickup_code)
    screen.get(f"/pickup/{claim.claim_id}")
    told = {"event_id": screen.field("event_id"), "claim_id": claim.claim_id}
    assert "领好了" in screen.post("/pickup/confirm", **told)
    assert screen.read(aid.claim, claim.claim_id).state == "issued"
    with screen.database.reading() as session:
        assert rows_with(session, claim.pickup_code) == set()
    outbox = screen.kiosk.outbox.folder
    for file in (one for one in outbox.rglob("*") if one.is_file()):
        assert not stands_in(claim.pickup_code, file.read_bytes().decode("latin-1")), file
