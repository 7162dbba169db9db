"""A description is read whole or not at all, and each fault is one sentence with its place."""

import pytest

from tests.factories.empty import TODAY
from tests.founding.conftest import SMALL
from timebank.founding.divisions import division_name, read_division
from timebank.founding.faults import EXPECTED
from timebank.founding.files import EXAMPLES, PlanUnfit, read_file
from timebank.founding.places import numbered, spread
from timebank.goods.opening import OpenSpan

WEEK = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
COUNTED = "buildings = 12\ngrids = 2"
# The change, then the place and the code of what was expected.
FAULTS = [
    ('street = "车站街道"', 'streets = "车站街道"', "[community], streets", "unknown"),
    ("[community]", "community = 1\n[other]", "[community]", "table"),
    ('street = "车站街道"\n', "", "[community], street", "missing"),
    ('"车站街道"', '"　"', "[community], street", "text"),
    ('"车站街道"', f'"{"街" * 81}"', "[community], street", "text"),
    ('"车站街道"', '"车站\\u202e街道"', "[community], street", "signs"),
    ('contact_name = "陈甲一"', 'contact_name = ""', "[community], contact_name", "name"),
    ('"liuyuan"', '"柳园"', "[community], code", "code"),
    ('"440106"', '"990106"', "[community], division_code", "division"),
    ('"440106"', '"440100"', "[community], division_code", "division"),
    ('"10020000010"', '"1002000001O"', "[community], contact_phone", "phone"),
    ("buildings = 12", "buildings = 0", "[places], buildings", "whole"),
    ("buildings = 12", "buildings = true", "[places], buildings", "whole"),
    ("buildings = 12", "buildings = 1", "[places], buildings", "fewer"),
    ("grids = 2", "grids = [5, 0]", "[places], grids", "grids"),
    (COUNTED, f"{COUNTED}\n[[grid]]\nname_zh='东'\nbuildings=['1栋']", "[places]", "twice"),
    ("buildings = 12\n", "", "[places], buildings", "missing"),
    (COUNTED, "buildings = 9\ngrids = [5, 5]", "[places], buildings", "whole"),
    ('"demo"', '"demos"', "[rules], preset", "choice"),
    ('"demo"', '"demo"\nfrom = 2026-12-02', "[rules], from", "preset_past"),
    ('"demo"', '"demo"\nfrom = "2026-02-30"', "[rules], from", "day"),
    ('code = "S1"', 'code = "公益店"', "[[store]] 1, code", "store_code"),
    ('code = "P1"', 'code = "s1"', "[[store]] 2, code", "twice"),
    ('kind = "store"', 'kind = "donation_point"', "[store]", "shop"),
    ("grid = 2", "grid = 3", "[[store]] 2, grid", "whole"),
    ('"09:00-12:00 14:00', '"12:00-09:00 14:00', "[[store]] 1, hours", "hours"),
    ('"09:00-12:00 14:00', '"09:00-12:60 14:00', "[[store]] 1, hours", "hours"),
    ('"09:00-12:00 14:00-17:30"', '"17:00-24:01"', "[[store]] 1, hours", "hours"),
    ('["sun"]', '["sunday"]', "[[store]] 1, closed_weekdays", "choice"),
    ('["sun"]', '["sun"]\nclosed_days = [{ day = 2026-11-30, note = "节" }]',
     "[[store]] 1, closed_days", "day_past"),
    ('["sun"]', '["sun"]\nclosed_days = [{ day = 2027-02-06 }]',
     "[[store]] 1, closed_days", "day"),
    ('"大米 5kg"', '"大米"', "[catalogue], items", "choice"),
    ('services = "all"', "services = []", "[catalogue], services", "missing"),
    ('services = "all"', "services = 1", "[catalogue], services", "list"),
    ("shelf_life_days = 365", "", "[[item]] 1, shelf_life_days", "food_days"),
    ('"8.50"', '"8.505"', "[[item]] 1, price", "price"),
    ('"8.50"', '"8.50"\nis_loan = 1', "[[item]] 1, is_loan", "yes"),
    ('"8.50"', '"8.50"\nbarcode = "2000000005011"', "[[item]] 1, barcode", "ean"),
    ('"8.50"', '"8.50"\nbarcode = "2000000000015"', "[[item]] 1, barcode", "twice"),
    ('"绿豆 1kg"', '"食盐"', "[[item]] 1, name_zh", "twice"),
    ('roles = ["coordinator"]', 'roles = ["approver"]', "[staff]", "coordinator"),
    ('roles = ["approver"]', 'roles = ["keeper"]', "[staff]", "second"),
    ('roles = ["approver"]', 'roles = ["boss"]', "[[staff]] 2, roles", "choice"),
    ('"林乙二"', '"陈甲一"', "[[staff]] 2, name", "twice"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "expected"), FAULTS)
def test_a_fault_is_one_sentence_with_its_place(sentences, old, new, where, expected):
    told = sentences((old, new))
    said = [one for one in told if f", {where}: " in one or f"toml, {where}: " in one]
    beginning = EXPECTED[expected].split("{")[0]
    assert any(beginning in one for one in said), told
    assert all(one.endswith((".", "?")) and "\n" not in one for one in told)


def test_every_kind_of_fault_is_tried():
    shops_that_never_open = {"opens"}
    assert {one[3] for one in FAULTS} | shops_that_never_open == EXPECTED.keys()


def test_a_fault_names_the_line_of_its_field(sentences):
    (told,) = sentences(('phone = "10020000011"', 'phone = "none"'))
    line = SMALL.splitlines().index('phone = "10020000011"') + 1
    assert told.startswith(f"place.toml, line {line}, [[store]] 1, phone: ")


def test_all_faults_come_at_once_in_the_order_of_the_file(sentences):
    told = sentences(('"440106"', '"1"'), ("grids = 2", "grids = 0"), ('"8.50"', '"x"'))
    assert [one.split(", ")[2].split("]")[0] for one in told] == ["[community", "[places", "[[item"]


def test_a_shop_that_never_opens_for_two_hours_is_a_fault(sentences):
    closed = ('closed_weekdays = ["sun"]', f"closed_weekdays = {WEEK}")
    (told,) = sentences(closed, ('sat = "09:00-12:00"', 'sat = "09:00-10:59"'))
    assert "open for two hours" in told
    assert not sentences(closed)  # Saturday morning is enough.


def test_digits_of_either_width_are_read(written):
    changes = (
        ("buildings = 12", 'buildings = "１２"'), ('"440106"', '"４４０１０６"'),
        ('"10020000010"', '"１００-２０００-００１０"'), ('"8.50"', '"８．５０"'),
        ('"09:00-12:00"', '"０９：００－１２：００"'),
    )  # fmt: skip
    assert read_file(written(*changes), today=TODAY) == read_file(written(), today=TODAY)


def test_a_file_that_is_not_toml_names_the_line(written):
    with pytest.raises(PlanUnfit, match=r"place\.toml: it is not TOML: .*line 2"):
        read_file(written(text="a = 1\nb = \n"), today=TODAY)


def test_what_is_no_file_is_said_in_a_sentence(tmp_path):
    for path, why in ((tmp_path, "a folder"), (tmp_path / "none.toml", "no such file")):
        with pytest.raises(PlanUnfit, match=why):
            read_file(path, today=TODAY)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("name = 'é'".encode("latin-1"))
    with pytest.raises(PlanUnfit, match="UTF-8"):
        read_file(latin, today=TODAY)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PlanUnfit, match="larger than"):
        read_file(large, today=TODAY)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    file = tmp_path / "place.toml"
    file.write_text(SMALL, "utf-8-sig")
    assert read_file(file, today=TODAY).code == "liuyuan"


def test_both_examples_can_be_founded_from():
    small = read_file(EXAMPLES / "small.toml", today=TODAY)
    sample = read_file(EXAMPLES / "sample.toml", today=TODAY)
    assert [len(sample.grids), len(sample.buildings), len(sample.items)] == [6, 51, 30]
    assert small.items[-1].name_zh == "绿豆 1kg" and small.items[-1].reference_fen == 850
    assert small.stores[0].week[5] == (OpenSpan(540, 720),) and small.stores[0].week[6] == ()
    assert small.name_en == "Willow Garden" and small.stores[1].name_en == "北门接收点"


def test_listed_grids_name_their_buildings(written):
    grids = '[[grid]]\nname_zh = "东区"\nbuildings = ["甲楼", "2栋"]\n'
    plan = read_file(written(("[places]\n" + COUNTED, grids), ("grid = 2\n", "")), today=TODAY)
    assert [one.name_en for one in plan.buildings] == ["甲楼", "Building 2"]
    assert (plan.grids[0].name_zh, plan.buildings[1].grid) == ("东区", 1)


def test_buildings_are_spread_evenly():
    assert spread(51, 6) == (9, 9, 9, 8, 8, 8)
    grids, buildings = numbered(spread(5, 2))
    assert [one.grid for one in buildings] == [1, 1, 1, 2, 2] and len(grids) == 2


def test_a_district_is_one_of_today():
    assert division_name("440106") == "广东省广州市天河区"
    assert division_name("110101") == "北京市东城区"
    assert read_division("４４０１０６") == "440106"
    # A province, a divided city, a district that was dissolved in 2010, and nothing at all.
    assert [read_division(code) for code in ("440000", "440100", "110103", "990106", "44010")] == (
        [None] * 5
    )
    assert read_division("441900") == "441900"  # Dongguan has no districts.


def test_the_roles_of_the_first_two_may_be_two_coordinators(written):
    plan = read_file(written(('["approver"]', '["coordinator"]')), today=TODAY)
    assert [one.roles for one in plan.staff] == [("coordinator",)] * 2
