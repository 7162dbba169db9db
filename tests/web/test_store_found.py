"""The keeper adds an item to the count of which the books have none."""

from tests.factories.goods import make_stock, shelf_row
from tests.factories.sample import NOW
from timebank.closing.queries import day_of

DAY = "/store/day"


def row(office, name):
    with office.database.reading() as session:
        return shelf_row(session, office.shop, name, NOW)


def begin(office):
    office.do(make_stock, office.shop, "毛巾", 4)
    visit = office.enter("keeper")
    page = visit.follow(visit.press(visit.get(DAY), "open"))
    return visit, page


def test_soap_that_is_found_is_counted_signed_and_on_the_sheet(office):
    visit, page = begin(office)
    soap = office.shop.item("肥皂")
    listed = visit.press(page, "add", more=str(soap))
    assert f'id="n-{soap}"' in listed.text and f'id="best-{soap}"' not in listed.text
    check = visit.press(
        listed, "check", **{f"n__{soap}": "3", f"n__{office.shop.item('毛巾')}": "4"}
    )
    assert "账上 0 块，数到 3 块" in check.text
    told = {f"why__{soap}": "found"}
    counted = visit.press(check, "count", **told)
    page = visit.follow(counted)
    assert "账上 0 块，数到 3 块" in page.text and "多出来、找到了" in page.text
    second = office.enter("coordinator")
    assert second.press(second.get(DAY), "sign").status == 303
    assert row(office, "肥皂").available == 3
    sheet = second.get(f"{DAY}/1")
    assert "肥皂" in sheet.text and "多出来、找到了" in sheet.text


def test_food_that_is_found_needs_its_day_and_nothing_typed_is_lost(office):
    visit, page = begin(office)
    rice, towels = office.shop.item("大米"), office.shop.item("毛巾")
    listed = visit.press(page, "add", more=str(rice), **{f"n__{towels}": "4"})
    assert listed.value(f"n-{towels}") == "4"
    asked = visit.press(listed, "check", **{f"n__{rice}": "2"})
    assert f'id="best-{rice}-error"' in asked.text and asked.value(f"n-{rice}") == "2"
    check = visit.press(asked, "check", **{f"best__{rice}": "2026-03-01"})
    assert "账上 0 袋，数到 2 袋" in check.text
    back = visit.press(check, "back")
    assert back.value(f"best-{rice}") == "2026-03-01"
    with office.database.reading() as session:
        assert day_of(session, office.town.community_id, office.shop.store_id).state == "open"


def test_an_item_that_was_chosen_and_not_counted_is_named(office):
    visit, page = begin(office)
    towels = office.shop.item("毛巾")
    again = visit.press(page, "check", more=str(office.shop.item("肥皂")), **{f"n__{towels}": "4"})
    assert "请写上数到几件；没有就写 0。" in again.text
    assert not again.has_button("count", "1")
