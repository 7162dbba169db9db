"""What a page says and shows, so that a person finds their way: units, searches, who is who."""

import re
from types import SimpleNamespace

from tests.factories import people as make
from tests.factories.village import Village
from tests.web.test_me import big_button, send
from timebank.aid.queries import claims_of_household
from timebank.hours.queries import records_of_person
from web.formats import pieces


def test_a_page_counts_in_the_unit_of_the_catalogue(village: Village):
    """瓶, not 件, where the catalogue knows the word; several kinds have no word in common."""
    visit = village.visit("claimant")
    soy = village.sample.shop.item("酱油")
    send(visit, visit.get("/me/take"), **{f"pieces-{soy}": 2})
    home = visit.get("/me/")
    assert "酱油 2 瓶，可以来取了" in home.text
    assert "3 件物品，可以来取了" in home.text  # Rice and a towel.
    given = village.see("donor", "/me/deposit/{received}")
    assert "3 袋" in given.text and "2 件" in given.text  # Rice, clothes.
    assert "1 件" in given.text  # A rice cooker that is in no catalogue.
    bottles = SimpleNamespace(unit_zh="瓶", unit_en="bottle", kinds=1)
    assert (pieces(2, "zh", bottles), pieces(2, "en", bottles)) == ("2 瓶", "2 bottles")
    bottles.kinds = 2  # The unit of its first line says nothing about the others.
    assert (pieces(2, "zh", bottles), pieces(2, "en", bottles)) == ("2 件", "2 pieces")


def test_a_long_list_is_searched_without_scripts_and_loses_no_number(village: Village):
    visit = village.visit("claimant")
    item = village.sample.shop.item
    page = visit.get("/me/take")
    assert 'href="#group-1"' in page.text and 'href="#group-2"' in page.text
    before = len(village.ask(_claims, village))
    found = visit.press(page, "find_item", find_text="面", **{f"pieces-{item('大米')}": "2"})
    assert found.status == 200 and len(village.ask(_claims, village)) == before
    assert "面条" in found.text and "酱油" not in found.text
    assert found.value(f"pieces-{item('大米')}") == "2"  # It stays, for its number.
    claimed = send(visit, found)
    assert "大米" in visit.follow(claimed).text
    none = visit.press(visit.get("/me/take"), "find_item", find_text="no such thing")
    assert "这里没有这样的物品。" in none.text and none.has_button("find_item", "1")


def _claims(session, community_id: int, village: Village):
    household_id = village.sample.people["claimant"].household_id or 0
    return claims_of_household(session, community_id, household_id)


def test_the_counter_searches_its_list_in_the_same_way(village: Village):
    visit, person = village.visit("keeper"), village.sample.people["claimant"].person_id
    page, rice = visit.get(f"/store/counter?person={person}"), village.sample.shop.item("大米")
    before = len(village.ask(_claims, village))
    found = visit.press(page, "find_item", find_text="面", **{f"pieces-{rice}": "1"})
    assert found.status == 200 and len(village.ask(_claims, village)) == before
    assert "面条" in found.text and "酱油" not in found.text
    assert found.value(f"pieces-{rice}") == "1"


def test_people_who_look_alike_are_told_apart_by_age(village: Village):
    """Of one family, masked: their age groups, and where those agree who is older.

    The younger one was enrolled first. A neighbour of their age lives in another home.
    """

    def settle(session, community_id: int) -> tuple[int, ...]:
        born = {"翁甲": 1950, "翁丙": 1985, "翁乙": 1982, "翁丁": 2015}
        family = [make.new_person(name, born=year) for name, year in born.items()]
        home = make.make_household(session, village.sample.town, *family)
        neighbour = make.new_person("翁戊", born=1983)
        return *home.person_ids, *make.make_household(
            session, village.sample.town, neighbour
        ).person_ids

    ids = village.database.write(lambda session, now: settle(session, 1))
    visit = village.visit("keeper")
    page = visit.get("/work/people")
    form = next(one for one in page.forms if any(name == "q" for name, _ in one.fields))
    told = [(name, "翁" if name == "q" else value) for name, value in form.fields]
    text = visit.follow(visit.send(form, told)).text
    rows = re.findall(
        r'/work/people/(\d+)".*?data-label="年龄段"><span>(.*?)</span>', text, re.DOTALL
    )
    assert {int(person_id): age.strip() for person_id, age in rows} == dict(
        zip(
            ids,
            (
                "70 到 79 岁",
                "18 到 59 岁，按年纪排第 2",
                "18 到 59 岁，按年纪排第 1",
                "未满 14 岁",
                "18 到 59 岁",
            ),
            strict=True,
        )
    )
    assert "1982" not in text and "1950" not in text


def test_a_number_begins_with_one_and_an_untouched_line_is_none(village: Village):
    visit, item = village.visit("donor"), village.sample.shop.item
    page = visit.press(visit.get("/me/deposit/announce"), "more")
    assert page.value("lines-0-pieces") == page.value("lines-1-pieces") == "1"
    told = {"lines-0-item_id": item("肥皂")}
    assert send(visit, page, **told).status == 303  # The second line was left as it was.
    strange = send(visit, page, **told, **{"lines-1-pieces": "2"})
    assert strange.status == 422 and 'href="#lines-1-item_id"' in strange.text
    lacking = send(visit, page, **told, **{"lines-0-pieces": ""})
    assert lacking.status == 422 and 'href="#lines-0-pieces"' in lacking.text


def test_a_line_without_its_number_is_not_one_piece(village: Village):
    """A form that lost the field has said nothing about how many."""
    visit, item = village.visit("donor"), village.sample.shop.item
    form = big_button(visit.get("/me/deposit/announce"))
    kept = [(name, value) for name, value in form.fields if name != "lines-0-pieces"]
    answer = visit.send(form, [*kept, ("lines-0-item_id", str(item("肥皂")))])
    assert answer.status == 422


def test_who_checked_in_by_mistake_takes_it_back(village: Village):
    visit = village.visit("volunteer")
    page = visit.get("/me/services")
    began = visit.press(page, "do", "begin", is_group="y")
    home = visit.follow(began) and visit.get("/me/")
    assert "正在服务：" in home.text
    dropped = visit.press(visit.get("/me/services"), "do", "drop")
    after = visit.follow(dropped)
    assert "这一次取消了" in after.text and "正在服务：" not in visit.get("/me/").text
    assert visit.press(after, "do", "begin", is_group="y").status == 303  # The day is free again.


def test_a_shift_of_no_minutes_is_taken_back_and_nobody_must_confirm_it(village: Village):
    visit = village.visit("volunteer")
    visit.press(visit.get("/me/services"), "do", "begin", is_group="y")
    ended = visit.follow(visit.press(visit.get("/me/services"), "do", "end"))
    assert "不到一分钟" in ended.text
    shift = visit.follow(visit.press(ended, "do", "drop"))
    assert "这一次取消了" in shift.text and not shift.has_button("do", "drop")
    person_id = village.sample.people["volunteer"].person_id or 0
    newest = village.ask(records_of_person, person_id, limit=1)[0]
    assert (newest.state, newest.real_minutes, newest.reason) == ("refused", 0, "本人取消了")


def test_a_keeper_begins_in_the_shop_and_others_at_the_worklist(village: Village):
    for name, first in (("keeper", "/store"), ("social", "/work"), ("claimant", "/me/")):
        assert village.visit(name).get("/sign-in").location == first


def test_a_printed_passbook_says_whose_it_is_and_when_it_was_printed(village: Village):
    for path in ("/me/", "/me/?on=2025-06-01"):
        page = village.see("volunteer", path)
        head = page.text.partition('<header class="print-only">')[2].partition("</header>")[0]
        assert "陈甲一" in head and "2025年6月10日 星期二 10:00" in head


def test_the_line_added_last_stands_first(village: Village):
    visit, item = village.visit("keeper"), village.sample.shop.item
    page = visit.press(visit.get("/store/intake"), "add", add_item=item("肥皂"))
    page = visit.press(page, "add", add_item=item("毛巾"))
    lines = page.text.partition('<ol class="intake-lines"')[2]
    assert lines.index("毛巾") < lines.index("肥皂")


def test_the_lists_of_items_have_headings(village: Village):
    for name, path in (("donor", "/me/deposit/announce"), ("keeper", "/store/intake")):
        assert '<optgroup label="吃的">' in village.see(name, path).text
