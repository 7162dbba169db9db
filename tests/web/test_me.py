"""A person's own pages: each deed is done once, and a refusal keeps what was typed."""

import re
from datetime import timedelta

import pytest

from tests.factories.sample import TODAY, serve
from tests.factories.village import Village
from timebank.aid.queries import claim, claims_of_household
from timebank.goods.queries import deposit, deposits_of_person
from timebank.hours.queries import open_shift, records_of_person

PAGES = (
    "/me/", "/me/?direction=in", "/me/?direction=out", "/me/take", "/me/claims",
    "/me/claims/{ready}", "/me/deposit", "/me/deposit/announce", "/me/deposit/{received}",
    "/me/services", "/me/openings",
)  # fmt: skip
EVERYBODY = ("volunteer", "claimant", "donor", "nopapers", "newcomer", "social", "coordinator")


def big_button(page):
    """The unnamed button of the page's own form."""
    return next(one for one in page.forms if one.action == page.path.split("?")[0])


def send(visit, page, **changed):
    """Send the page's own form with some fields changed, by its unnamed button."""
    form = big_button(page)
    told = {name.replace("__", "-"): str(value) for name, value in changed.items()}
    kept = [(name, value) for name, value in form.fields if name not in told]
    return visit.send(form, [*kept, *told.items()])


@pytest.mark.parametrize("path", PAGES)
def test_a_passer_by_is_led_to_the_sign_in_and_back(village, path):
    path = path.format(**village.sample.cases)
    page = village.see("", path)
    assert page.status == 303
    assert page.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_page_answers_everybody(village, name):
    visit = village.visit(name)
    for path in PAGES:
        page = visit.get(path.format(**village.sample.cases))
        is_anothers = "{" in path and not (
            (name == "claimant" and "ready" in path) or (name == "donor" and "received" in path)
        )
        assert page.status == (404 if is_anothers else 200), (name, path)


@pytest.mark.parametrize("path", ["/me/claims/{}", "/me/deposit/{}"])
def test_neither_anothers_nor_a_neighbours_case_is_found(village, path):
    theirs = {"/me/claims/{}": "ready", "/me/deposit/{}": "received"}[path]
    for number in (village.sample.cases[theirs], village.neighbour.cases[theirs]):
        page = village.see("stranger", path.format(number))
        assert page.status == 404
        assert "林乙二" not in page.text and "黄丙三" not in page.text


ODD = ("-1", "0", "1e9", "1.5", "x", "٣", "9" * 20, "9223372036854775807", "' OR 1=1 --", "")


@pytest.mark.parametrize("told", ODD)
def test_odd_numbers_in_an_address_open_nothing(village, told):
    visit = village.visit("claimant")
    assert visit.get(f"/me/claims/{told}").status in (200, 404)  # An empty one is the list.
    assert visit.get(f"/me/?before={told}&until={told}&direction={told}").status == 200


@pytest.mark.parametrize("told", ODD)
def test_odd_numbers_in_a_form_do_nothing(village, told):
    visit = village.visit("claimant")
    before = len(village.ask(claims_of_household, _home(village, "claimant")))
    rice = village.sample.shop.item("大米")
    answer = send(visit, visit.get("/me/take"), **{f"pieces-{rice}": told})
    if told not in ("9223372036854775807", "9" * 20):
        assert answer.status == 422
    assert len(village.ask(claims_of_household, _home(village, "claimant"))) == before
    helper = village.visit("volunteer")
    page = helper.get("/me/services")
    assert helper.press(page, "do", "begin", service_id=told).status == 422
    assert helper.press(page, "do", "begin", household_no=told or "x").status in (303, 409, 422)


def _home(village: Village, name: str) -> int:
    return village.sample.people[name].household_id or 0


def test_a_claim_is_taken_whole_or_not_at_all(village):
    visit = village.visit("claimant")
    before = len(village.ask(claims_of_household, _home(village, "claimant")))
    rice, soap = (village.sample.shop.item(name) for name in ("大米", "肥皂"))
    page = visit.get("/me/take")
    again = send(visit, page, **{f"pieces-{rice}": "1", f"pieces-{soap}": "1e1"})
    assert "肥皂" in again.text and "请只写数字，从 0 到 999。" in again.text
    assert again.value(f"pieces-{soap}") == "1e1"
    assert len(village.ask(claims_of_household, _home(village, "claimant"))) == before
    done = send(visit, again, **{f"pieces-{rice}": "1", f"pieces-{soap}": "２"})
    assert done.status == 303
    newest = village.ask(claims_of_household, _home(village, "claimant"))[0]
    assert sorted(line.asked for line in newest.lines) == [1, 2]


def test_a_claim_sent_twice_is_one_claim(village):
    visit = village.visit("claimant")
    page = visit.get("/me/take")
    soap = village.sample.shop.item("肥皂")
    answers = [send(visit, page, **{f"pieces-{soap}": 1}) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    found = village.ask(claims_of_household, _home(village, "claimant"))
    assert [one.state for one in found].count("ready") == 2  # With the one of the sample.


def test_a_claim_sent_again_with_other_pieces_is_refused_kindly(village):
    visit = village.visit("claimant")
    page = visit.get("/me/take")
    soap = village.sample.shop.item("肥皂")
    send(visit, page, **{f"pieces-{soap}": 1})
    answer = send(visit, page, **{f"pieces-{soap}": 2})
    assert answer.status == 422
    assert "没有再记账" in answer.text


def test_nothing_picked_is_said_and_changes_nothing(village):
    visit = village.visit("claimant")
    answer = send(visit, visit.get("/me/take"))
    assert answer.status == 422
    assert "请先选择要领的物品和数量" in answer.text


def test_cancelling_twice_gives_back_once(village):
    visit = village.visit("claimant")
    page = visit.get("/me/claims/{ready}".format(**village.sample.cases))
    for _ in range(2):
        assert visit.press(page, "do", "cancel").status == 303
    assert village.ask(claim, village.sample.cases["ready"]).state == "cancelled"
    form = page.form_with(("do", "cancel"))
    stale = visit.send(form, [*form.fields, ("do", "ask")])
    assert stale.status == 422  # Another deed under the same request id.


def test_a_household_without_papers_asks_a_person_in_one_go(village):
    visit = village.visit("nopapers")
    page = visit.get("/me/take")
    assert "低保证" in page.text
    rice = village.sample.shop.item("大米")
    answers = [send(visit, page, **{f"pieces-{rice}": 2}) for _ in range(2)]
    assert {answer.location for answer in answers} == {answers[0].location}
    (asked,) = village.ask(claims_of_household, _home(village, "nopapers"))
    assert asked.state == "review"


def test_a_full_quota_says_when_and_raises_no_hope(village):
    _use_up(village)
    page = village.see("claimant", "/me/take")
    assert "2026年" in page.text
    assert "请工作人员看一看" not in page.text
    assert "看看哪天可以再领" in village.see("claimant", "/me/").text


def _use_up(village: Village) -> None:
    visit = village.visit("claimant")
    page = visit.get("/me/take")
    picked = {"图书": 9, "卫生纸": 7, "肥皂": 6}
    wanted = {f"pieces-{village.sample.shop.item(k)}": v for k, v in picked.items()}
    check = send(visit, page, **wanted)
    assert visit.press(check, "agree").status == 303


def test_a_refused_announcement_keeps_what_was_typed(village):
    visit = village.visit("donor")
    page = visit.get("/me/deposit/announce")
    told = {
        "lines-0-item_id": village.sample.shop.item("大米"), "lines-0-pieces": 7,
        "bring_on": "2025-12-24",
    }  # fmt: skip
    asked = send(visit, page, **told)
    answer = send(visit, asked, **{"lines-0-looked": "met"})
    assert answer.value("request_id") != asked.value("request_id")
    assert answer.status == 422
    assert answer.value("lines-0-pieces") == "7"
    assert answer.value("bring_on") == "2025-12-24"
    assert "包装没有打开过" in answer.text
    mended = send(visit, answer, bring_on="2025-06-20")
    assert mended.status == 303


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("pieces", ""), ("pieces", "0"), ("pieces", "-3"), ("pieces", "1000"), ("pieces", "1e9"),
        ("pieces", "三"), ("pieces", "9" * 20), ("item_id", "9" * 20), ("item_id", "-1"),
        ("condition", "worse"), ("condition", "x"), ("best_before_on", "yesterday"),
        ("best_before_on", "99999-01-01"), ("described", "长" * 81), ("described", "a\u202eb"),
    ],
)  # fmt: skip
def test_a_fault_of_a_line_is_said_beside_its_field(village, field, told):
    visit = village.visit("donor")
    whole = {"item_id": village.sample.shop.item("大米"), "pieces": 2, "condition": "new"}
    line = {f"lines-0-{name}": value for name, value in (whole | {field: told}).items()}
    answer = send(visit, visit.get("/me/deposit/announce"), **line)
    assert answer.status == 422
    assert f'id="lines-0-{field}-error"' in answer.text
    assert len(village.ask(deposits_of_person, _person(village, "donor"))) == 5


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"pieces": 3, "best_before_on": "2025-12-01"}, "item_id"),
        ({"pieces": "1_0"}, "pieces"),
        ({"best_before_on": "2025-12-01"}, "item_id"),
        ({"condition": "nine_tenths"}, "item_id"),
        ({"described": "雨伞", "pieces": ""}, "pieces"),
        ({"described": "雨伞", "pieces": "1e1"}, "pieces"),
    ],
)
def test_a_line_with_anything_in_it_is_whole_or_named(village, line, field):
    visit = village.visit("donor")
    page = visit.press(visit.get("/me/deposit/announce"), "more")
    whole = {"item_id": village.sample.shop.item("大米"), "pieces": 2}
    told = {f"lines-0-{name}": value for name, value in whole.items()}
    told |= {f"lines-1-{name}": value for name, value in line.items()}
    answer = send(visit, page, **told)
    assert answer.status == 422 and f'id="lines-1-{field}-error"' in answer.text
    assert "第 2 样 · " in answer.text and "Not a valid" not in answer.text
    assert len(village.ask(deposits_of_person, _person(village, "donor"))) == 5


def test_more_lines_than_the_form_has_are_not_dropped(village):
    visit = village.visit("donor")
    page = visit.get("/me/deposit/announce")
    rice = village.sample.shop.item("大米")
    form = next(form for form in page.forms if any("lines-0" in n for n, _ in form.fields))
    lines = [
        (f"lines-{at}-{name}", value)
        for at in range(11)
        for name, value in (("item_id", str(rice)), ("pieces", "1"), ("condition", "new"))
    ]
    kept = [pair for pair in form.fields if not pair[0].startswith("lines-")]
    answer = visit.send(form, [*kept, *lines])
    assert answer.status == 422 and "一次最多 10 行" in answer.text


def _person(village: Village, name: str) -> int:
    return village.sample.people[name].person_id or 0


def test_an_announcement_sent_twice_is_one(village):
    visit = village.visit("donor")
    page = visit.get("/me/deposit/announce")
    told = {"lines-0-described": "儿童车", "lines-0-pieces": 1, "thanks": "points"}
    answers = [send(visit, page, **told) for _ in range(2)]
    assert answers[0].location == answers[1].location
    found = village.ask(deposits_of_person, _person(village, "donor"))
    assert sum(one.state == "announced" for one in found) == 2  # With the one of the sample.


def test_a_line_more_keeps_the_others_and_ends_at_ten(village):
    visit = village.visit("donor")
    page = visit.get("/me/deposit/announce")
    page = visit.press(page, "more", lines__0__described="毛衣")
    assert page.value("lines-0-described") == "毛衣"
    for _ in range(8):
        page = visit.press(page, "more")
    assert page.text.count('<fieldset class="line-set"') == 10
    assert not page.has_button("more", "1")


def test_an_announcement_to_a_store_that_is_none_is_refused(village):
    visit = village.visit("donor")
    theirs = village.neighbour.shop.store_id
    for store_id in (theirs, "x", "", "9" * 20, "-1"):
        told = {"lines-0-described": "毛衣", "lines-0-pieces": 1, "store_id": store_id}
        answer = send(visit, visit.get("/me/deposit/announce"), **told)
        assert answer.status == 422, store_id


def test_a_volunteer_checks_in_at_a_household_and_out_once(village):
    visit = village.visit("volunteer")
    page = visit.get("/me/services")
    told = {"household_no": village.sample.household_nos["claimant"].lower()}
    for _ in range(2):
        assert visit.press(page, "do", "begin", **told).status == 303
    assert village.ask(open_shift, _person(village, "volunteer")) is not None
    village.clock.move(minutes=25)
    page = visit.get("/me/services")
    assert [visit.press(page, "do", "end").status for _ in range(2)] == [303, 303]
    newest = village.ask(records_of_person, _person(village, "volunteer"), limit=2)[0]
    assert (newest.real_minutes, newest.state) == (25, "entered")
    assert newest.recipient_household_id == _home(village, "claimant")


@pytest.mark.parametrize(
    ("household", "said"),
    [("H-9999", "没有找到这个户号"), ("<b>", "没有找到这个户号"), ("volunteer", "自己的家人")],
)
def test_a_household_that_is_none_or_ones_own_is_said(village, household, said):
    visit = village.visit("volunteer")
    told = village.sample.household_nos.get(household, household)
    answer = visit.press(visit.get("/me/services"), "do", "begin", household_no=told)
    assert answer.status in (409, 422)
    assert said in answer.text
    assert answer.value("household_no") == told.replace("<", "<")
    assert village.ask(open_shift, _person(village, "volunteer")) is None


def test_who_is_no_volunteer_checks_in_to_nothing(village):
    visit, helper = village.visit("stranger"), village.visit("volunteer")
    assert not visit.get("/me/services").has_button("do", "begin")
    form = helper.get("/me/services").form_with(("do", "begin"))
    token = visit.get("/me/deposit/announce").value("csrf_token")
    fields = [(n, token if n == "csrf_token" else v) for n, v in form.fields]
    answer = visit.send(form, [*fields, ("do", "begin"), ("is_group", "y")])
    assert answer.status in (403, 409)


def test_hours_are_confirmed_once_and_only_by_who_was_helped(village):
    visit = village.visit("claimant")
    page = visit.get("/me/services")
    assert "陈**" in page.text and "陈甲一" not in page.text
    assert [visit.press(page, "do", "confirm").status for _ in range(2)] == [303, 303]
    assert not visit.get("/me/services").has_button("do", "confirm")


@pytest.mark.parametrize("told", [*ODD, "\u0661"])
def test_an_odd_record_is_not_confirmed(village, told):
    visit = village.visit("claimant")
    answer = visit.press(visit.get("/me/services"), "do", "confirm", record_id=told)
    assert answer.status in (404, 422)
    assert visit.get("/me/services").has_button("do", "confirm")


def test_each_button_of_a_page_is_a_deed_of_its_own(village):
    page = village.see("claimant", "/me/services")
    keys = re.findall(r'name="request_id"[^>]*value="([^"]+)"', page.text)
    assert len(keys) == len(set(keys))


def test_the_statement_lays_hours_and_goods_by_months(village):
    page = village.see("claimant", "/me/")
    assert "领取 肥皂等 2 种" in page.text
    assert "2025年4月" in page.text
    gifts = village.see("donor", "/me/")
    assert "捐赠 大米 5kg等 2 种" in gifts.text
    assert "查看去向" in gifts.text
    hours = village.see("volunteer", "/me/")
    assert "实际 1 小时 35 分，记入 1 小时 30 分" in hours.text
    assert "实际服务" in hours.text


def test_a_long_statement_turns_its_pages_without_a_gap(village):
    def half_a_year(session, now):
        for back in range(30, 0, -1):
            on = TODAY - timedelta(days=7 * back + 90)
            serve(session, village.sample, on=on, minutes=60)

    village.database.write(half_a_year)
    visit = village.visit("volunteer")
    seen, path, opened = [], "/me/", []
    while path:
        assert path not in opened, f"{path} is its own next page"
        opened.append(path)
        page = visit.get(path)
        seen += re.findall(
            r'class="ledger-balance"><span class="unseen">余额 </span>([\d:]+)', page.text
        )
        found = re.search(r'href="(/me/\?[^"]*before=[^"]*)"', page.text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 42
    assert len(set(seen)) == 42  # The book only grew: no line is shown twice.


def test_a_sign_in_drawn_when_a_visit_has_just_ended_can_be_sent(village):
    visit = village.visit("claimant")
    village.clock.move(minutes=40)
    page = visit.get("/sign-in/name")
    form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
    told = [f for f in form.fields if f[0] not in ("login_name", "password")]
    answer = visit.send(form, [*told, ("login_name", "claimant"), ("password", "paper lantern")])
    assert answer.status == 303


def test_a_donor_sees_where_each_piece_went_and_never_to_whom(village):
    page = village.see("donor", "/me/deposit/{received}")
    assert "等待消毒 2 件" in page.text
    assert "退回 4 盒：离到期太近" in page.text
    assert "退回 1 件：缺了电源线" in page.text
    assert "林乙二" not in page.text
    found = village.ask(deposit, village.sample.cases["received"])
    assert found.receipt_no in page.text
