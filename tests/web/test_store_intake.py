"""Receiving goods at the counter: the list, the check, the receipt."""

from datetime import date

import pytest

from tests.factories.looks import deposits_received
from tests.factories.people import a_request_id, make_card, make_household, new_person
from timebank.deeds.deed import Deed
from timebank.goods.actions import announce_deposit
from timebank.goods.queries import items
from timebank.goods.rules import AnnouncedLine
from timebank.values import By

RICE_UNTIL = "2025-12-30"


def barcode(office, name):
    with office.database.reading() as session:
        known = items(session, office.town.community_id)
    return next(one.barcode for one in known if one.name_zh.startswith(name))


def scan(visit, page, code, **told):
    """Scan on the page: the form is sent without a button, as the scanner's script does."""
    form = page.form_with(("check", "1"))
    fields = [pair for pair in form.fields if pair[0] != "scan" and pair[0] not in told]
    return visit.send(form, [*fields, ("scan", code), *told.items()])


def deposits(office):
    with office.database.reading() as session:
        return deposits_received(session, office.town.community_id)


def start(office):
    visit = office.enter("keeper")
    return visit, visit.get("/store/intake")


def test_a_walk_in_gift_becomes_stock_and_a_receipt(office):
    donor = office.do(make_household, office.town, new_person("林乙一"))
    card = office.do(make_card, office.town, donor.person_ids[0])
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "大米"))
    page = scan(visit, page, barcode(office, "大米"))
    assert page.value("lines-0-brought") == "2"
    page = scan(visit, page, barcode(office, "毛巾"))
    page = scan(visit, page, card.token)
    assert "林**" in page.text and card.token not in page.text
    unasked = visit.press(page, "check", lines__0__best_before_on=RICE_UNTIL)
    assert "第 1 样：请先看一看" in unasked.text and "包装没有打开过" in unasked.text
    assert not unasked.has_button("receive", "1")
    check = visit.press(unasked, "check", lines__0__looked="met")
    assert "再看一遍" in check.text and "2025年12月30日" in check.text and not deposits(office)
    receipt = visit.follow(visit.press(check, "receive"))
    (found,) = deposits(office)
    assert found.accepted == 3 and found.donor_person_id == donor.person_ids[0]
    assert found.receipt_no in receipt.text and "qr-code" in receipt.text
    assert found.receipt_no == "S1-2025-000001"


def test_points_come_with_a_plain_acknowledgement(office):
    donor = office.do(make_household, office.town, new_person("林乙一"))
    card = office.do(make_card, office.town, donor.person_ids[0])
    visit, page = start(office)
    page = scan(visit, scan(visit, page, barcode(office, "毛巾")), card.token)
    check = visit.press(page, "check", thanks="points")
    assert "收下，记积分" in check.text and "收下，开收据" not in check.text
    slip = visit.follow(visit.press(check, "receive"))
    (found,) = deposits(office)
    assert (found.receipt_no, found.points) == (None, found.value_yuan) and found.points > 0
    assert "收物凭条" in slip.text and f"记了 {found.points} 分" in slip.text
    for word in ("参考价值", "S1-2025", "qr-code", "把收据交给他"):
        assert word not in slip.text, word


def test_an_unknown_donor_is_offered_a_receipt_not_points(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    check = visit.press(page, "check", thanks="points")
    assert "收下，开收据" in check.text
    visit.follow(visit.press(check, "receive"))
    assert deposits(office)[0].receipt_no == "S1-2025-000001"


def test_what_is_not_on_the_list_yet_is_not_dropped(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    again = visit.press(page, "check", add_item=str(office.shop.item("大米")))
    assert "还没有加进清单" in again.text and not again.has_button("receive", "1")
    check = visit.press(again, "check", add_item="", lines__0__brought="　３")
    visit.follow(visit.press(check, "receive"))
    assert [one.accepted for one in deposits(office)] == [3]


def test_a_donor_who_is_not_found_is_not_dropped(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    again = visit.press(page, "check", donor__text="没有这个人")
    assert not again.has_button("receive", "1") and not deposits(office)


@pytest.mark.parametrize("wrong", ["1e1", "1_0", "+1", "٣"])
def test_a_number_that_cannot_be_read_names_its_line(office, wrong):
    visit, page = start(office)
    page = scan(visit, scan(visit, page, barcode(office, "毛巾")), barcode(office, "牙膏"))
    again = visit.press(page, "check", lines__1__brought=wrong)
    assert "第 2 样 · 带来 · " in again.text and "Lines" not in again.text
    assert not again.has_button("receive", "1") and not deposits(office)


def test_part_of_a_line_goes_back_with_its_reason(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    told = {"lines__0__brought": 5, "lines__0__accepted": 3}
    wrong = visit.press(page, "check", **told)
    assert wrong.status == 422 and "请填写" in wrong.text
    assert wrong.value("lines-0-accepted") == "3"
    other = visit.press(wrong, "check", **told, lines__0__refuse_code="OTHER")
    assert other.status == 422
    told |= {"lines__0__refuse_code": "OTHER", "lines__0__refuse_note": "有破洞"}
    check = visit.press(other, "check", **told)
    assert "退回 2 条：有破洞" in check.text
    receipt = visit.follow(visit.press(check, "receive"))
    assert "有破洞" in receipt.text
    (found,) = deposits(office)
    assert (found.accepted, found.refused) == (3, 2)


def test_food_needs_its_day_and_old_food_goes_back_by_itself(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "大米"))
    missing = visit.press(page, "check")
    assert missing.status == 422 and "lines-0-best_before_on-error" in missing.text
    old = visit.press(
        missing, "check", lines__0__best_before_on="2025-06-15", lines__0__looked="met"
    )
    assert "离到期太近" in old.text and "都不收" in old.text
    answer = visit.follow(visit.press(old, "receive"))
    assert "这次都没有收" in answer.text
    (found,) = deposits(office)
    assert found.receipt_no is None and found.refused == 1


def test_what_lacks_a_requirement_goes_back_with_what_to_do_instead(office):
    visit, page = start(office)
    page = scan(visit, scan(visit, page, barcode(office, "冬衣")), barcode(office, "大米"))
    told = {"lines__0__looked": "not_met", "lines__1__looked": "not_met"}
    asked = visit.press(page, "check", **told)
    assert "请选哪一点没有做到" in asked.text and not asked.has_button("receive", "1")
    assert 'id="lines-0-lacking' not in asked.text  # A coat has one requirement only.
    check = visit.press(asked, "check", lines__1__lacking=["label_readable", "sealed"])
    assert "标签看不清；请送标签清楚的来；包装打开过" in check.text and "都不收" in check.text
    assert "还没有洗；请洗净、晒干再送来" in check.text
    slip = visit.follow(visit.press(check, "receive"))
    assert "还没有洗；请洗净、晒干再送来" in slip.text
    (found,) = deposits(office)
    assert (found.accepted, found.refused) == (0, 2)


def test_a_kind_that_is_never_taken_goes_back_whatever_else_is_said(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "大米"))
    check = visit.press(page, "check", lines__0__refused_kind="recalled")
    assert "厂家召回的东西；请退给商家" in check.text and "都不收" in check.text


def test_going_back_from_the_check_keeps_the_list(office):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    check = visit.press(page, "check", lines__0__brought=7, thanks="points")
    back = visit.press(check, "back")
    assert back.value("lines-0-brought") == "7"
    assert ("thanks", "points") in back.form_with(("check", "1")).fields


def test_a_line_is_taken_off_and_the_others_stay(office):
    visit, page = start(office)
    for name in ("毛巾", "牙膏", "大米"):
        page = scan(visit, page, barcode(office, name))
    page = visit.press(page, "remove", "lines-1", lines__2__best_before_on=RICE_UNTIL)
    check = visit.press(page, "check", lines__2__looked="met")
    assert "毛巾" in check.text and "大米" in check.text and "牙膏" not in check.text


def test_an_announcement_opens_by_its_code_with_its_lines(office):
    line = AnnouncedLine(office.shop.item("毛巾"), 4)
    other = AnnouncedLine(None, 1, described="旧台灯")

    def announce(session):
        by = office.staff["resident"]
        return announce_deposit(
            Deed(session, by, office.database.clock(), a_request_id()),
            store_id=office.shop.store_id,
            donor_person_id=by.person_id,
            lines=(line, other),
        )

    announced = office.do(announce)
    visit, page = start(office)
    assert announced.code in visit.get("/store").text
    page = scan(visit, page, announced.code)
    assert page.value("lines-0-brought") == "4" and "旧台灯" in page.text
    told = {"lines__1__accepted": 0, "lines__1__refuse_code": "NOT_ACCEPTED"}
    check = visit.press(page, "check", **told)
    assert "旧台灯" in check.text
    visit.follow(visit.press(check, "receive"))
    (found,) = deposits(office)
    assert found.id == announced.deposit_id and found.state == "received"
    for again in (
        lambda: visit.get(f"/store/intake?deposit={announced.deposit_id}"),
        lambda: visit.press(check, "receive"),
        lambda: visit.press(check, "receive", request_id="another-request"),
        lambda: visit.press(page, "check", **told),
    ):
        shown = visit.follow(again())
        assert "已经收下了" in shown.text and found.receipt_no in shown.text
    assert len(deposits(office)) == 1


def test_goods_left_at_a_kiosk_open_from_the_worklist(office):
    def leave(session):
        return announce_deposit(
            Deed(
                session,
                By(1, "device:9", channel="kiosk", device_id=9),
                office.database.clock(),
                a_request_id(),
            ),
            store_id=office.shop.store_id,
            lines=(AnnouncedLine(office.shop.item("毛巾"), 2),),
        ).deposit_id

    deposit_id = office.do(leave)
    visit = office.enter("keeper")
    assert f"deposit={deposit_id}" in visit.get("/work").text
    page = visit.get(f"/store/intake?deposit={deposit_id}")
    assert page.value("lines-0-brought") == "2" and "没有留名" in page.text


def test_an_unknown_barcode_is_said_beside_the_field(office):
    visit, page = start(office)
    answer = scan(visit, page, "690123456")
    assert "没有这个条码" in answer.text and answer.value("scan") == "690123456"


@pytest.mark.parametrize(
    "odd",
    [
        {"lines__0__brought": "999999999999999999999"}, {"lines__0__brought": "-1"},
        {"lines__0__brought": "x"}, {"lines__0__accepted": "5"}, {"lines__0__item_id": "9" * 40},
        {"lines__0__item_id": "1"}, {"lines__0__condition": "gold"},
        {"lines__0__best_before_on": "0001-01-01"}, {"lines__0__best_before_on": "9999-12-31"},
        {"lines__0__refuse_code": "NONSENSE"}, {"thanks": "money"},
        {"donor_organisation_id": "77"}, {"donor__person_id": "9" * 30}, {"deposit_id": "77"},
        {"lines__0__announced_line": "x" * 50}, {"lines__0__announced_line": "77"},
        {"add_item": "9" * 30},
        {"lines__99999999999999999999__brought": "1"},
    ],
)  # fmt: skip
def test_nothing_odd_in_the_list_is_a_fault_or_a_receipt(office, odd):
    visit, page = start(office)
    page = scan(visit, page, barcode(office, "毛巾"))
    answer = visit.press(page, "check", **odd)
    assert answer.status in (200, 404, 422), answer.status
    if answer.has_button("receive", "1"):
        assert visit.press(answer, "receive").status in (200, 303, 404, 409, 422)
    page = visit.press(page, "add", **odd) if page.has_button("add", "1") else page
    assert page.status in (200, 404, 422)


def test_a_second_press_takes_in_once(office):
    visit, page = start(office)
    check = visit.press(scan(visit, page, barcode(office, "毛巾")), "check")
    first, second = visit.press(check, "receive"), visit.press(check, "receive")
    assert first.status == second.status == 303 and first.location == second.location
    assert len(deposits(office)) == 1


def test_only_a_keeper_of_the_store_takes_in(office):
    for name, status in (("coordinator", 403), ("auditor", 403), ("resident", 403)):
        assert office.enter(name).get("/store/intake").status == status
    assert office.enter("keeper").get("/store/intake?store=12345").status == 404


def test_the_list_sends_at_most_twelve_statements(office):
    visit, page = start(office)
    for name in ("毛巾", "大米", "牙膏", "冬衣"):
        page = scan(visit, page, barcode(office, name))
    with office.statements() as sent:
        visit.press(page, "check", lines__1__best_before_on=RICE_UNTIL)
    assert len(sent) <= 12, len(sent)
    assert date.fromisoformat(RICE_UNTIL)


def test_an_unknown_barcode_is_learned_once_with_its_name(office):
    keeper, soap = office.enter("keeper"), office.shop.item("肥皂")
    page = keeper.press(keeper.get("/store/intake"), "add", "1", scan="６９０１２３４５６７８９２")
    assert "还没有见过" in page.text and page.value("unknown") == "6901234567892"
    page = keeper.press(page, "add", "1", add_item=str(soap))
    assert "这个条码记住了" in page.text and page.value("lines-0-brought") == "1"
    page = keeper.press(page, "add", "1", scan="6901234567892")
    assert page.value("lines-0-brought") == "2" and page.value("unknown") == ""
    assert "6901234567892" in keeper.get(f"/work/items/{soap}").text


def test_a_code_of_the_maker_fills_in_lot_and_last_day(office):
    keeper, rice = office.enter("keeper"), office.shop.item("大米")
    code = "(01)06901234567892(10)AB-1(17)260131"
    page = keeper.press(keeper.get("/store/intake"), "add", "1", scan=code)
    page = keeper.press(page, "add", "1", add_item=str(rice))
    assert page.value("lines-0-best_before_on") == "2026-01-31" and "AB-1" in page.text
    page = keeper.press(page, "add", "1", scan=code)
    page = keeper.press(page, "add", "1", scan=code.replace("AB-1", "AB-2"))
    assert page.value("lines-0-brought") == "2" and page.value("lines-1-brought") == "1"


def test_a_misread_barcode_is_told_and_nothing_is_added(office):
    keeper = office.enter("keeper")
    page = keeper.press(keeper.get("/store/intake"), "add", "1", scan="6901234567893")
    assert "没有读对" in page.text and "lines-0" not in page.text


def test_a_barcode_that_another_learned_meanwhile_is_refused(office):
    one, two = office.enter("keeper"), office.enter("keeper")
    pages = [
        visit.press(visit.get("/store/intake"), "add", "1", scan="6901234567892")
        for visit in (one, two)
    ]
    one.press(pages[0], "add", "1", add_item=str(office.shop.item("肥皂")))
    page = two.press(pages[1], "add", "1", add_item=str(office.shop.item("大米")))
    assert "已经记在另一样物品名下" in page.text and "lines-0" not in page.text


def test_a_barcode_is_taken_off_its_item(office):
    keeper, soap = office.enter("keeper"), office.shop.item("肥皂")
    page = keeper.press(keeper.get("/store/intake"), "add", "1", scan="6901234567892")
    keeper.press(page, "add", "1", add_item=str(soap))
    page = keeper.get(f"/work/items/{soap}")
    (code,) = [value for form in page.forms for name, value in form.buttons if name == "forget"]
    assert keeper.press(page, "forget", code).status == 303
    assert "6901234567892" not in keeper.get(f"/work/items/{soap}").text
    assert keeper.get(f"/work/items/{soap}/labels").text.count("qr-code") >= 12


def test_what_is_not_on_the_list_is_written_down_and_leads_to_the_catalogue(office):
    keeper = office.enter("keeper")
    page = keeper.get("/store/intake")
    empty = keeper.press(page, "describe")
    assert 'id="unlisted-error"' in empty.text
    listed = keeper.press(page, "describe", unlisted="手摇轮椅")
    assert "手摇轮椅" in listed.text and "/work/items/new?name=" in listed.text
    assert listed.value("unlisted") == "" and listed.value("lines-0-described") == "手摇轮椅"
    left = keeper.press(listed, "check", unlisted="助行器")
    assert 'id="unlisted-error"' in left.text
