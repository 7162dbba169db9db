"""Close of day at the counter: count, compare, a second person signs, the sheet is stored."""

import re
from datetime import date, timedelta

import pytest

from tests.checking.planting import Intruder
from tests.factories.aid import make_claim, make_claimant, pick_up
from tests.factories.closing import make_till, pay_out
from tests.factories.goods import make_stock
from tests.factories.kiosks import leave_at_kiosk, make_device
from tests.factories.sealing import seal_in
from timebank.checking.kept_checkpoints import read_kept
from timebank.closing.queries import day_of, sheets_of
from timebank.sealing.queries import checkpoint_latest

DAY = "/store/day"


@pytest.fixture
def stocked(office):
    """Ten bags of rice in two lots, and four towels."""
    for pieces in (6, 4):
        office.do(make_stock, office.shop, "大米", pieces, best_before_on=date(2026, 6, pieces))
    office.do(make_stock, office.shop, "毛巾", 4)
    return office


@pytest.fixture
def rice(office):
    return f"n__{office.shop.item('大米')}"


@pytest.fixture
def towels(office):
    return f"n__{office.shop.item('毛巾')}"


def state(office):
    with office.database.reading() as session:
        return day_of(session, office.town.community_id, office.shop.store_id).state


def begin(office, who="keeper"):
    visit = office.enter(who)
    page = visit.follow(visit.press(visit.get(DAY), "open"))
    return visit, page


def counted(office, **told):
    """Count as the keeper; every difference gets the first reason of the list."""
    visit, page = begin(office)
    check = visit.press(page, "check", **told)
    whys = {
        name.replace("-", "__"): "miscounted"
        for form in check.forms
        for name, _ in form.fields
        if name.startswith("why-")
    }
    return visit, visit.follow(visit.press(check, "count", **whys))


def test_the_keeper_counts_without_seeing_what_should_be_there(stocked):
    visit, page = begin(stocked)
    assert "大米" in page.text and "账上 10" not in page.text
    shown = visit.press(page, "show")
    assert "账上 10" in shown.text


def test_two_people_close_the_day_and_the_sheet_stays(stocked, rice, towels):
    _visit, page = counted(stocked, **{rice: 9, towels: 4})
    assert "等另一位同事签字" in page.text and not page.has_button("sign", "1")
    second = stocked.enter("coordinator")
    looked = second.get(DAY)
    assert "−1" in looked.text and "以前数错或记错" in looked.text
    done = second.follow(second.press(looked, "sign"))
    assert state(stocked) == "closed" and "今天的账结好了" in done.text
    sheet = second.get("/store/day/1")
    assert "日结单" in sheet.text and "没有差异" not in sheet.text and "以前数错" in sheet.text
    with stocked.database.reading() as session:
        (kept,) = sheets_of(session, 1, stocked.shop.store_id, limit=5)
    assert kept.digest[:4] in sheet.text


def test_the_sheet_tells_how_far_the_books_are_sealed(stocked, rice, towels):
    counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator")
    second.follow(second.press(second.get(DAY), "sign"))
    assert "账本封到" not in second.get("/store/day/1").text
    seal_in(stocked.database)
    with stocked.database.reading() as session:
        line = checkpoint_latest(session, 1).line
    sheet = second.get("/store/day/1").text
    assert "打印时，账本已经封存到" in sheet and line in sheet
    [kept] = read_kept(line)
    assert kept.told.origin == "timebank/ours" and kept.told.size > 0


def test_whoever_counted_is_told_to_fetch_another(stocked, rice, towels):
    visit, page = counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator").get(DAY)
    form = second.form_with(("sign", "1"))
    token = next(v for f in page.forms for n, v in f.fields if n == "csrf_token")
    fields = [("csrf_token", token), *[p for p in form.fields if p[0] != "csrf_token"]]
    refused = visit.send(form, [*fields, ("sign", "1")])
    assert (refused.status == 409 and "需要另一位同事" in refused.text) or "另一位" in refused.text
    assert state(stocked) == "counted"


def test_numbers_that_nobody_can_read_lose_nothing(stocked, rice, towels):
    visit, page = begin(stocked)
    for wrong in ("abc", "-3", "1.5", "9" * 12, "１２三", "<b>"):
        again = visit.press(page, "check", **{rice: wrong, towels: "４"})
        assert again.status < 500 and again.value(towels.replace("__", "-")) == "４"
    assert visit.press(page, "check", **{rice: "\x00"}).status < 500
    check = visit.press(page, "check", **{rice: "１０", towels: "４"})
    assert "都和账上一样" in check.text


@pytest.mark.parametrize("wrong", ["1e1", "1_0", "+4", "٤", "4²"])
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_counted(stocked, rice, towels, wrong):
    visit, page = begin(stocked)
    again = visit.press(page, "check", **{rice: "１ ０", towels: wrong})
    assert "“毛巾”：请只写数字。" in again.text and again.value(towels.replace("__", "-")) == wrong
    assert "有一样刚才" not in again.text and state(stocked) == "open"


def test_a_counted_line_that_is_gone_is_not_dropped(stocked, rice):
    visit, page = begin(stocked)
    form, name = page.form_with(("check", "1")), rice.replace("__", "-")
    kept = [pair for pair in form.fields if pair[0] != name]
    again = visit.send(form, [*kept, (name, "10"), ("n-99", "4"), ("check", "1")])
    assert "已经不在单子上" in again.text and state(stocked) == "open"


def test_nothing_typed_is_no_count(stocked):
    visit, page = begin(stocked)
    assert "还没有写数量" in visit.press(page, "check").text


def test_a_difference_needs_a_reason_that_fits(stocked, rice, towels):
    visit, page = begin(stocked)
    check = visit.press(page, "check", **{rice: 8, towels: 5})
    missing = visit.press(check, "count")
    assert "请选择原因" in missing.text and state(stocked) == "open"
    whys = {rice.replace("n__", "why__"): "other", towels.replace("n__", "why__"): "lost"}
    wrong = visit.press(missing, "count", **whys)
    assert "请写一句" in wrong.text and "请选择原因" in wrong.text
    whys = {rice.replace("n__", "why__"): "lost", towels.replace("n__", "why__"): "found"}
    assert visit.press(wrong, "count", **whys).status == 303


def test_what_moved_while_counting_is_named(stocked, rice, towels):
    visit, page = begin(stocked)
    check = visit.press(page, "check", **{rice: 10, towels: 4})

    def fetch(session):
        by = make_claimant(session, stocked.town)
        now = stocked.database.clock()
        pick_up(
            session, stocked.shop, make_claim(session, stocked.shop, by, now=now, 大米=1), now=now
        )

    stocked.do(fetch)
    told = visit.press(check, "count")
    assert told.status == 409 and "刚才有人领走或送来" in told.text
    assert told.value(towels.replace("__", "-")) == "4" and state(stocked) == "open"
    assert visit.press(told, "check", **{rice: 9}).status == 200


def test_promised_pieces_that_are_gone_are_let_go_before_the_signature(stocked, rice, towels):
    def promise(session):
        by = make_claimant(session, stocked.town)
        return make_claim(session, stocked.shop, by, now=stocked.database.clock(), 大米=2)

    claim = stocked.do(promise)
    visit, page = counted(stocked, **{rice: 1, towels: 4})
    assert claim.claim_no in page.text
    second = stocked.enter("coordinator")
    refused = second.press(second.get(DAY), "sign")
    assert refused.status == 409 and claim.claim_no in refused.text and "再找一找" in refused.text
    visit.press(page, "release", str(claim.claim_id))
    assert second.press(second.get(DAY), "sign").status == 303
    assert state(stocked) == "closed"


def test_a_double_click_signs_once_and_the_second_signer_is_told(stocked, rice, towels):
    counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator")
    page = second.get(DAY)
    first, again = second.press(page, "sign"), second.press(page, "sign")
    assert (first.status, again.status) == (303, 303)
    form = page.form_with(("sign", "1"))
    fresh = [(name, "another" if name == "request_id" else v) for name, v in form.fields]
    told = second.send(form, [*fresh, ("sign", "1")])
    assert told.status == 409 and "这一天的账已经结好" in told.text
    assert state(stocked) == "closed"


def test_a_recount_is_asked_for_and_counts(stocked, rice, towels):
    visit, _page = counted(stocked, **{rice: 9, towels: 4})
    again = visit.get(f"{DAY}?again=1")
    check = visit.press(again, "check", **{rice: 10, towels: 4})
    told = visit.follow(visit.press(check, "count"))
    assert "数到的都和账上一样" in told.text


def test_the_till_is_counted_in_yuan(stocked, rice, towels):
    stocked.do(make_till, stocked.shop, 12_350, now=stocked.database.clock())
    visit, page = begin(stocked)
    assert "钱箱里的现金" in page.text
    wrong = visit.press(page, "check", **{rice: 10, "n__till": "1.234"})
    assert "请写上金额" in wrong.text
    check = visit.press(wrong, "check", **{rice: 10, "n__till": "123.5"})
    assert "都和账上一样" in check.text


def count_till(office, counted, rice, towels):
    """Begin the day with 100 yuan in the till, and compare the count with the books."""
    office.do(make_till, office.shop, 10_000, now=office.database.clock())
    visit, page = begin(office)
    return visit, visit.press(page, "check", **{rice: 10, towels: 4, "n__till": counted})


def test_signing_a_short_till_tells_what_was_paid_out_and_to_count_again(stocked, rice, towels):
    visit, check = count_till(stocked, "10", rice, towels)
    visit.press(check, "count", why__till="lost")
    stocked.do(pay_out, stocked.shop, 5_000, now=stocked.database.clock())
    second = stocked.enter("coordinator")
    refused = second.press(second.get(DAY), "sign")
    assert refused.status == 409 and state(stocked) == "counted"
    assert "数钱箱以后，又付出了 50.00 元，账上现在是 50.00 元。请再数一次。" in refused.text
    second.get("/language/en")
    told = second.press(second.get(DAY), "sign").text
    assert "After the till was counted, 50.00 yuan was paid out of it" in told
    assert "Please count again." in told


def test_a_till_that_moved_while_it_was_counted_is_named(stocked, rice, towels):
    visit, check = count_till(stocked, "100", rice, towels)
    stocked.do(make_till, stocked.shop, 500, now=stocked.database.clock())
    told = visit.press(check, "count")
    assert "又收进了 5.00 元" in told.text and "钱箱刚才有收付，请再数一次。" in told.text


def test_an_emptied_count_is_no_count(stocked, rice, towels):
    visit, page = begin(stocked)
    check = visit.press(page, "check", **{rice: 10, towels: 4})
    told = visit.press(check, "count", **{rice: "", towels: ""})
    assert "还没有写数量" in told.text and state(stocked) == "open"


def test_the_trial_balance_counts_signed_sheets(stocked, rice, towels):
    counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator")
    second.press(second.get(DAY), "sign")
    page = second.get("/work/books").text
    assert all(word in page for word in ("日结单（张）", "签过字的日结单", "一共签过的日结单"))


def test_a_sheet_that_the_books_do_not_hold_says_so(stocked, rice, towels):
    counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator")
    second.press(second.get(DAY), "sign")
    assert "和账对不上" not in second.get("/store/day/1").text
    with Intruder.enters(stocked.database.engine, stays=True) as intruder:
        intruder.run("UPDATE day_closing SET sheet = sheet || ' '")
    assert "和账对不上" in second.get("/store/day/1").text


def test_a_day_left_open_is_closed_before_the_next(stocked, clock):
    visit, _page = begin(stocked)
    clock.move(minutes=5)
    before = visit.get(DAY)
    assert "2025年6月10日" in before.text
    clock.now += timedelta(days=1)
    assert "2025年6月10日" in stocked.enter("keeper").get(DAY).text


def leave(office, *told):
    """Leave goods at kiosks: each of ``told`` is (hours ago, pieces)."""
    now = office.database.clock()

    def build(session):
        device, _key = make_device(session, office.shop, office.staff["coordinator"], now=now)
        for hours, pieces in told:
            leave_at_kiosk(session, office.shop, device, pieces, now=now - timedelta(hours=hours))

    office.do(build)


def rows(page):
    """The kiosks and days in clearing: (is marked, deposits, pieces)."""
    body = page.text.split('aria-labelledby="kiosks"')[-1].split('aria-labelledby="clearing"')[-1]
    found = re.findall(r"<tr><td>(.*?)</td><td>(\d+)</td><td>(\d+)</td></tr>", body, re.S)
    return [("当天没有验收完" in name, int(one), int(pieces)) for name, one, pieces in found]


def test_each_kiosk_and_day_that_is_not_back_at_zero_is_marked(stocked, rice, towels):
    leave(stocked, (26, 3), (25, 4), (1, 5))
    counted(stocked, **{rice: 10, towels: 4})
    second = stocked.enter("coordinator")
    page = second.get(DAY)
    assert rows(page) == [(True, 2, 7), (False, 1, 5)]
    second.follow(second.press(page, "sign"))
    sheet = second.get("/store/day/1")
    assert rows(sheet) == [(True, 2, 7), (False, 1, 5)]
    assert "账上还有 12 件，等验收的有 12 件" in sheet.text


def test_where_all_is_judged_no_kiosk_is_named(stocked, rice, towels):
    leave(stocked)
    counted(stocked, **{rice: 10, towels: 4})
    page = stocked.enter("coordinator").get(DAY)
    assert rows(page) == [] and "都验收了，终端上没有挂着的" in page.text


@pytest.mark.parametrize("who", ["social_worker", "resident", "approver"])
def test_others_do_not_come_here(stocked, who):
    visit = stocked.enter(who)
    assert visit.get(DAY).status == 403 and visit.get("/store/day/1").status == 403


def test_the_auditor_looks_and_presses_nothing(stocked):
    page = stocked.enter("auditor").get(DAY)
    assert page.status == 200 and not page.has_button("open", "1")


def test_a_sheet_that_is_not_there_is_not_found(stocked):
    for no in (0, 7, 10**18):
        assert stocked.enter("keeper").get(f"/store/day/{no}").status == 404


def test_a_keeper_of_another_shop_finds_nothing(stocked):
    assert stocked.enter("keeper").get(f"{DAY}?store=999").status == 404


def test_a_long_count_is_searched_without_scripts_and_loses_no_number(office):
    """A zero is an answer as well: the row in which it stands is not hidden."""
    catalogue = dict(list(office.shop.items.items())[:12])
    for name in catalogue:
        office.do(make_stock, office.shop, name, 2, best_before_on=date(2026, 6, 1))
    first, second, *_others = catalogue
    visit, page = begin(office)
    zero = f"n-{catalogue[first]}"
    found = visit.press(page, "find_item", find_text=second, **{zero: "0"})
    assert found.status == 200 and state(office) == "open"
    shown = {name for name in catalogue if f'id="n-{catalogue[name]}"' in found.text}
    assert {first, second} <= shown and len(shown) < len(catalogue)
    assert found.value(zero) == "0" and found.value("find_text") == second
    everything = visit.press(found, "find_item", find_text="")
    assert all(f'id="n-{one}"' in everything.text for one in catalogue.values())
    none = visit.press(page, "find_item", find_text="no such thing")
    assert "这里没有这样的物品。" in none.text and none.has_button("check", "1")
