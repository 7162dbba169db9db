"""The hand-over: by code or card with a checklist, at once at the counter, and the shelf."""

import re
from datetime import date

import pytest

from tests.factories.aid import make_claim, make_claimant, make_resident, took_before
from tests.factories.goods import make_stock
from tests.factories.people import make_card
from timebank.aid.queries import claims_of_household


def a_claim(office, *, pieces=2):
    def build(session):
        now = office.database.clock()
        by = make_claimant(session, office.town)
        make_stock(session, office.shop, "毛巾", pieces, now=now)
        make_stock(session, office.shop, "牙膏", 1, now=now)
        claimed = make_claim(session, office.shop, by, now=now, 毛巾=pieces, 牙膏=1)
        return claimed, by, make_card(session, office.town, by.person_id)

    return office.do(build)


def look(visit, text):
    form = visit.get("/store/issue").forms[-1]
    return visit.send(form, [p for p in form.fields if p[0] != "scan"] + [("scan", text)])


def claims(office, by):
    with office.database.reading() as session:
        return claims_of_household(session, by.community_id, by.household_id)


@pytest.mark.parametrize("proof", ["code", "token", "number"])
def test_a_code_or_a_card_opens_a_checklist(office, proof):
    claimed, by, card = a_claim(office)
    told = {"code": claimed.pickup_code, "token": card.token, "number": card.card_no}[proof]
    visit = office.enter("keeper")
    page = look(visit, told)
    assert "毛巾" in page.text and "牙膏" in page.text
    give = ("give", str(claimed.claim_id))
    early = visit.press(page, *give)
    assert "请逐样核对" in early.text and claims(office, by)[0].state == "ready"
    boxes = [v for n, v in page.form_with(give).fields if n == f"line-{claimed.claim_id}"]
    some = visit.press(page, *give, tick=boxes[:1])
    assert "请逐样核对" in some.text and some.text.count(" checked") == 1
    slip = visit.follow(visit.press(some, *give, tick=boxes))
    assert claimed.claim_no in slip.text and "毛巾" in slip.text
    assert claims(office, by)[0].state == "issued"


@pytest.mark.parametrize("text", ["000000", "GZT1:0000000000", "x", "9" * 60, "大米"])
def test_a_wrong_code_is_refused_kindly(office, text):
    a_claim(office)
    page = look(office.enter("keeper"), text)
    assert page.status in (404, 409, 422) and "请" in page.text
    assert page.value("scan") == text


def test_a_card_of_another_household_opens_nothing_of_mine(office):
    claimed, _, _ = a_claim(office)
    other = office.do(make_resident, office.town)
    card = office.do(make_card, office.town, other.person_id)
    visit = office.enter("keeper")
    page = look(visit, card.token)
    assert claimed.claim_no not in page.text and "没有等着取的物品" in page.text
    mine = look(visit, claimed.pickup_code)
    form = mine.form_with(("give", str(claimed.claim_id)))
    boxes = [("tick", v) for n, v in form.fields if n.startswith("line-")]
    fields = [p for p in form.fields if p[0] != "scan"]
    answer = visit.send(
        form, [*fields, *boxes, ("scan", card.token), ("give", str(claimed.claim_id))]
    )
    assert answer.status == 404


def counter(visit, by):
    return visit.get(f"/store/counter?person={by.person_id}")


def test_at_the_counter_one_chooses_and_takes_home(office):
    def build(session):
        now = office.database.clock()
        make_stock(session, office.shop, "大米", 3, now=now, best_before_on=date(2025, 12, 1))
        return make_claimant(session, office.town)

    by = office.do(build)
    visit = office.enter("keeper")
    page = counter(visit, by)
    assert "今天还可以领 20 件" in page.text and "大米" in page.text
    name = f"pieces-{office.shop.item('大米')}"
    nothing = visit.press(page, "give")
    assert "请先选择" in nothing.text
    check = visit.press(nothing, "give", **{name: 2})
    assert check.status == 200 and claims(office, by) == []
    slip = visit.follow(visit.press(check, "give"))
    assert "发好了" in slip.text and "2 袋" in slip.text
    assert claims(office, by)[0].state == "issued"


def two_lots(office, first, second):
    """Rice in two lots, of which the first ends first."""

    def build(session):
        now = office.database.clock()
        for pieces, end in ((first, date(2025, 12, 1)), (second, date(2026, 1, 9))):
            make_stock(session, office.shop, "大米", pieces, now=now, best_before_on=end)
        return make_claimant(session, office.town), make_claimant(session, office.town)

    return office.do(build)


def test_the_counter_names_the_lots_to_take_and_what_stays_of_the_share(office):
    by, _ = two_lots(office, 2, 9)
    visit, rice = office.enter("keeper"), f"pieces-{office.shop.item('大米')}"
    check = visit.press(counter(visit, by), "give", **{rice: 3})
    for told in (
        "拿 2025年12月1日到期的那一批",
        "拿 2026年1月9日到期的那一批",
        "货架“吃的”",
        "公益ATM实体店",
    ):
        assert told in check.text, told
    assert re.search(r"份额还剩</dt>\s*<dd>17 件", check.text)
    assert "给不了这么多" not in check.text
    back = visit.press(check, "back")
    assert back.value(rice) == "3" and claims(office, by) == []
    slip = visit.follow(visit.press(check, "give"))
    assert "3 袋" in slip.text
    with office.database.reading() as session:
        (taken,) = claims_of_household(session, by.community_id, by.household_id)
    assert [lot.pieces for lot in taken.lots] == [2, 1]


def test_the_counter_asks_before_it_gives_less(office):
    by, _ = two_lots(office, 2, 3)
    visit, rice = office.enter("keeper"), f"pieces-{office.shop.item('大米')}"
    check = visit.press(counter(visit, by), "give", **{rice: 40})
    assert "给不了这么多" in check.text and "想要 40 袋" in check.text
    assert "可以给 5 袋" in check.text and "少 35 袋：货架上不够" in check.text
    visit.follow(visit.press(check, "give"))
    assert claims(office, by)[0].approved == 5


@pytest.mark.parametrize(("taken", "told"), [(1, "12月1日"), (10, "可以给 1 袋")])
def test_lots_that_changed_meanwhile_are_shown_again(office, taken, told):
    by, other = two_lots(office, 2, 9)
    visit, rice = office.enter("keeper"), f"pieces-{office.shop.item('大米')}"
    check = visit.press(counter(visit, by), "give", **{rice: 2})
    office.do(make_claim, office.shop, other, now=office.database.clock(), 大米=taken)
    again = visit.press(check, "give")
    assert again.status == 200 and "刚才有变化" in again.text and told in again.text
    assert claims(office, by) == []
    visit.follow(visit.press(again, "give"))
    assert claims(office, by)[0].approved == min(2, 11 - taken)


@pytest.mark.parametrize("odd", ["x", "3", "0", ""])
def test_lots_that_were_not_shown_give_nothing(office, odd):
    by, _ = two_lots(office, 2, 9)
    visit, rice = office.enter("keeper"), f"pieces-{office.shop.item('大米')}"
    check = visit.press(counter(visit, by), "give", **{rice: 3})
    lot = next(name for form in check.forms for name, _ in form.fields if name.startswith("lot-"))
    visit.press(check, "give", **{lot: odd})
    assert claims(office, by) == []


def test_the_counter_says_the_day_when_the_quota_is_used(office):
    def build(session):
        by = make_claimant(session, office.town)
        make_stock(session, office.shop, "毛巾", 3, now=office.database.clock())
        took_before(
            session, office.town, by, now=office.database.clock(), taken={date(2025, 3, 1): 20}
        )
        return by

    page = counter(office.enter("keeper"), office.do(build))
    assert "现在还不能领" in page.text and "2026年3月1日" in page.text
    assert not page.has_button("give", "1")


def test_the_counter_tells_nothing_of_papers(office):
    office.do(make_stock, office.shop, "毛巾", 3, now=office.database.clock())
    by = office.do(make_claimant, office.town, valid_until_on=date(2025, 3, 31))
    page = counter(office.enter("keeper"), by)
    assert "请他带上身份证到社区柜台" in page.text
    assert "2025年3月31日" not in page.text and "证明" not in page.text


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "1.5", ""])
def test_odd_pieces_take_nothing(office, odd):
    office.do(make_stock, office.shop, "毛巾", 3, now=office.database.clock())
    by = office.do(make_claimant, office.town)
    visit = office.enter("keeper")
    name = f"pieces-{office.shop.item('毛巾')}"
    page = visit.press(counter(visit, by), "give", **{name: odd, "pieces__99": "2"})
    assert page.status in (200, 404, 422) and claims(office, by) == []


@pytest.mark.parametrize("odd", ["1e1", "1_0", "+1", "１e１", "0x1", "٣", "²", "1000", "2 x"])
def test_a_line_that_cannot_be_read_brings_the_whole_form_back(office, odd):
    for name in ("毛巾", "牙膏"):
        office.do(make_stock, office.shop, name, 30, now=office.database.clock())
    by = office.do(make_claimant, office.town)
    visit = office.enter("keeper")
    towels, paste = (f"pieces-{office.shop.item(name)}" for name in ("毛巾", "牙膏"))
    page = visit.press(counter(visit, by), "give", **{towels: "1", paste: odd})
    assert page.status == 422 and claims(office, by) == []
    assert "“牙膏”：请只写数字，从 0 到 999。" in page.text and "毛巾”：" not in page.text
    assert (page.value(towels), page.value(paste)) == ("1", odd)
    check = visit.press(page, "give", **{paste: "　２ "})
    visit.follow(visit.press(check, "give"))
    assert sorted((one.name_zh, one.asked) for one in claims(office, by)[0].lines) == [
        ("毛巾", 1), ("牙膏", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("strange", ["99", "x", "", "1e3", "9" * 40])
def test_a_line_that_is_not_on_the_page_brings_the_whole_form_back(office, strange):
    office.do(make_stock, office.shop, "毛巾", 3, now=office.database.clock())
    by = office.do(make_claimant, office.town)
    visit = office.enter("keeper")
    told = {f"pieces-{office.shop.item('毛巾')}": "1", f"pieces-{strange}": "1"}
    form = counter(visit, by).form_with(("give", "1"))
    kept = [pair for pair in form.fields if pair[0] not in told]
    page = visit.send(form, [*kept, *told.items(), ("give", "1")])
    assert "已经不在这张单子上" in page.text and claims(office, by) == []


@pytest.mark.parametrize("gap", ["", " ", "　", "\u2011", "\u2013", "－", "\u200b", "\u202d"])
def test_a_code_is_read_in_every_form(office, gap):
    claimed, _, _ = a_claim(office)
    wide = claimed.pickup_code.translate({48 + n: 0xFF10 + n for n in range(10)})
    page = look(office.enter("keeper"), gap.join((wide[:3], wide[3:])))
    assert claimed.claim_no in page.text


def test_what_is_no_code_is_no_wrong_guess(office):
    claimed, _, _ = a_claim(office)
    visit = office.enter("keeper")
    for _ in range(30):
        short = look(visit, "12345")
        assert short.status == 422 and "只能用数字，位数也要对" in short.text
    assert claimed.claim_no in look(visit, claimed.pickup_code).text


@pytest.mark.parametrize(("person", "status"), [("", 200), ("x", 200), ("9" * 40, 200), ("1", 404)])
def test_an_odd_person_is_nobody(office, person, status):
    page = office.enter("keeper").get(f"/store/counter?person={person}")
    assert page.status == status and not page.has_button("give", "1")


def test_the_shelf_shows_lots_by_their_day_and_signs_cleaning(office):
    def build(session):
        now = office.database.clock()
        make_stock(session, office.shop, "大米", 3, now=now, best_before_on=date(2025, 6, 30))
        make_stock(session, office.shop, "冬衣", 2, now=now, cleaned=False)

    office.do(build)
    visit = office.enter("keeper")
    page = visit.get("/store/shelf")
    assert "还有 20 天" in page.text and "等消毒" in page.text
    assert "冬衣" not in visit.get("/store/shelf?only=ending").text
    assert "大米" not in visit.get("/store/shelf?q=%E5%86%AC").text
    form = page.forms[-1]
    assert visit.send(form, form.fields).status == 303
    assert "这里没有物品" in visit.get("/store/shelf?only=cleaning").text


def test_an_auditor_reads_the_shelf_and_signs_nothing(office):
    office.do(make_stock, office.shop, "冬衣", 2, now=office.database.clock(), cleaned=False)
    page = office.enter("auditor").get("/store/shelf")
    assert page.status == 200 and "已清洗消毒，签字" not in page.text


def test_a_slip_of_another_store_is_not_found(office):
    claimed, _, _ = a_claim(office)
    assert office.enter("keeper").get(f"/store/slips/{claimed.claim_id}").status == 200
    assert office.enter("keeper").get("/store/slips/1").status == 404
    assert office.enter("approver").get(f"/store/slips/{claimed.claim_id}").status == 403


def test_the_pages_send_at_most_twelve_statements_with_more_on_the_shelf(office):
    _, by, card = a_claim(office)
    visit = office.enter("keeper")
    paths = ("/store", "/store/shelf", "/store/issue", f"/store/counter?person={by.person_id}")

    def count():
        found = []
        for path in paths:
            with office.statements() as sent:
                assert visit.get(path).status == 200
            found.append(len(sent))
        with office.statements() as sent:
            look(visit, card.token)
        return [*found, len(sent)]

    count()
    once = count()
    for _ in range(3):
        a_claim(office, pieces=3)
    assert count() == once
    assert max(once[:-1]) <= 12 and once[-1] <= 16, once  # The last reads the empty page too.


def test_a_keeper_who_guesses_codes_is_stopped(office, clock):
    claimed, _by, card = a_claim(office)
    visit = office.enter("keeper")
    wrong = [f"{n:06d}" for n in range(6) if f"{n:06d}" != claimed.pickup_code]
    for code in wrong[:5]:
        assert look(visit, code).status == 409
    page = look(visit, claimed.pickup_code)
    assert page.status == 429 and claimed.claim_no not in page.text
    assert claimed.claim_no in look(visit, card.token).text  # Cards are not throttled.
    clock.move(minutes=16)
    assert claimed.claim_no in look(office.enter("keeper"), claimed.pickup_code).text


def test_handed_over_twice_shows_the_slip(office):
    claimed, by, _card = a_claim(office)
    visit = office.enter("keeper")
    page = look(visit, claimed.pickup_code)
    give = ("give", str(claimed.claim_id))
    boxes = [v for n, v in page.form_with(give).fields if n == f"line-{claimed.claim_id}"]
    first = visit.press(page, *give, tick=boxes)
    again = visit.press(page, *give, tick=boxes, request_id="another-request")
    assert again.location == first.location
    assert "已经交给他了" in visit.follow(again).text and claims(office, by)[0].state == "issued"
    for _ in range(12):  # More often than anybody may guess.
        assert look(visit, claimed.pickup_code).location == first.location


def test_the_same_at_the_counter_again_is_asked_about(office):
    def build(session):
        now = office.database.clock()
        make_stock(session, office.shop, "毛巾", 9, now=now)
        return make_claimant(session, office.town)

    by = office.do(build)
    visit = office.enter("keeper")
    name = f"pieces-{office.shop.item('毛巾')}"
    visit.press(visit.press(counter(visit, by), "give", **{name: 2}), "give")
    asked = visit.press(visit.press(counter(visit, by), "give", **{name: 2}), "give")
    assert asked.status == 409 and "刚才已经申领过同样的物品" in asked.text
    assert claims(office, by)[0].claim_no in asked.text and len(claims(office, by)) == 1
    form = asked.forms[-1]
    assert "发好了" in visit.follow(visit.send(form, form.fields)).text
    assert len(claims(office, by)) == 2
