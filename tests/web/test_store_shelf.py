"""The shelf of a keeper: in groups, some items a page, and a page for each item."""

from datetime import date, timedelta

from tests.factories.goods import make_stock
from web.goods.store_shelf import ITEMS_A_PAGE, LOTS_OF_EACH

FIRST = date(2025, 7, 1)


def _stock(office, name, lots):
    for number in range(lots):
        office.do(
            make_stock, office.shop, name, 2, now=office.database.clock(),
            best_before_on=FIRST + timedelta(days=number),
        )  # fmt: skip


def _lots(page):
    return page.text.count('class="card-row"')


def test_of_each_item_the_lots_that_leave_first_are_shown(office):
    _stock(office, "大米", LOTS_OF_EACH + 2)
    page = office.enter("keeper").get("/store/shelf")
    assert _lots(page) == LOTS_OF_EACH
    assert f"全部 {LOTS_OF_EACH + 2} 批" in page.text
    assert f"{2 * (LOTS_OF_EACH + 2)} 袋" in page.text  # The sum counts every lot.
    assert "2025年7月1日到期" in page.text
    assert "2025年7月6日到期" not in page.text


def test_the_page_of_an_item_shows_all_of_its_lots(office):
    _stock(office, "大米", LOTS_OF_EACH + 2)
    office.do(make_stock, office.shop, "冬衣", 2, now=office.database.clock())
    visit = office.enter("keeper")
    link = visit.get("/store/shelf").text.split('class="lot-more" href="')[1].split('"')[0]
    page = visit.get(link)
    assert _lots(page) == LOTS_OF_EACH + 2
    assert "2025年7月6日到期" in page.text and "冬衣" not in page.text


def test_items_stand_in_groups_and_a_group_can_be_chosen(office):
    _stock(office, "大米", 1)
    office.do(make_stock, office.shop, "冬衣", 2, now=office.database.clock())
    visit = office.enter("keeper")
    page = visit.get("/store/shelf").text
    assert page.index('id="group-1">吃的') < page.index('id="group-2">穿的、盖的')
    clothes = visit.get("/store/shelf?kind=clothes").text
    assert "冬衣" in clothes and "大米" not in clothes


def test_an_odd_part_of_the_shelf_is_the_whole_or_nothing(office):
    _stock(office, "大米", 1)
    visit = office.enter("keeper")
    for odd in ("kind=x", "only=x", "page=x", "item=x"):
        assert "大米" in visit.get(f"/store/shelf?{odd}").text
    for beyond in ("page=99", "item=1"):
        assert "这里没有物品" in visit.get(f"/store/shelf?{beyond}").text


def test_a_long_shelf_has_pages(office, monkeypatch):
    assert ITEMS_A_PAGE >= 10
    monkeypatch.setattr("web.goods.store_shelf.ITEMS_A_PAGE", 1)
    _stock(office, "大米", 1)
    office.do(make_stock, office.shop, "冬衣", 2, now=office.database.clock())
    visit = office.enter("keeper")
    first, second = visit.get("/store/shelf"), visit.get("/store/shelf?page=2")
    assert "大米" in first.text and "冬衣" not in first.text
    assert "第 1 页，共 2 页" in first.text and "下一页" in first.text
    assert "冬衣" in second.text and "上一页" in second.text and "下一页" not in second.text
