"""The pages of shops and services: open, rename, close and open again."""

from tests.factories.goods import make_stock
from timebank.goods import queries
from timebank.hours.queries import all_services
from timebank.people.queries import places


def send(visit, path, **changed):
    """Fill in the form of a page, and press its one button."""
    form = visit.get(path).forms[-1]
    return visit.send(form, list((dict(form.fields) | changed).items()))


def stores(office):
    with office.database.reading() as session:
        return {one.code: one for one in queries.stores(session, 1)}


def test_a_shop_is_opened_renamed_closed_and_opened_again(office):
    head = office.enter("coordinator")
    answer = send(head, "/work/shops/new", name_zh="东门店", code="e1", phone="10012345678")
    assert answer.status == 303 and "/store/opening" in answer.location
    shop = stores(office)["E1"]
    path = f"/work/shops/{shop.id}"
    assert "10012345678" in head.get(f"{path}/change").text
    assert send(head, f"{path}/change", name_zh="北门店").status == 303
    assert "北门店" in head.get("/work/shops").text
    assert send(head, f"{path}/close", note="").status == 422
    assert send(head, f"{path}/close", note="租约到期").status == 303
    keeper = office.enter("keeper")
    assert "北门店" not in keeper.get("/me/deposit/announce").text
    assert send(head, f"{path}/reopen", note="又租了").status == 303
    assert "北门店" in keeper.get("/me/deposit/announce").text


def test_a_faulty_shop_is_refused_beside_its_field(office):
    head = office.enter("coordinator")
    for told, said in (
        ({"name_zh": "东门店", "code": "S1"}, "重复了"),
        ({"name_zh": "东门店", "code": "店"}, "格式不对"),
        ({"name_zh": "", "code": "E1"}, "请填写"),
    ):
        page = send(head, "/work/shops/new", **told)
        assert page.status == 422 and said in page.text
    assert set(stores(office)) == {"S1"}


def test_a_shop_with_goods_says_what_to_do(office):
    office.do(make_stock, office.shop, "肥皂", 3)
    page = send(office.enter("coordinator"), f"/work/shops/{office.shop.store_id}/close", note="x")
    assert page.status == 409 and "3 件物品" in page.text and "物品先发完" in page.text


def test_a_service_is_added_renamed_ended_and_resumed(office):
    head = office.enter("coordinator")
    assert send(head, "/work/services/new", name_zh="整理图书").status == 303
    with office.database.reading() as session:
        service = next(one for one in all_services(session, 1) if one.name_zh == "整理图书")
    path = f"/work/services/{service.id}"
    assert send(head, "/work/services/new", name_zh="整理图书").status == 422
    assert send(head, f"{path}/change", name_zh="修书").status == 303
    assert "修书" in head.get("/services").text
    assert send(head, f"{path}/end", note="没有人要").status == 303
    assert "修书" not in head.get("/services").text and "修书" in head.get("/work/services").text
    assert send(head, f"{path}/end", note="又有人要").status == 303
    assert "修书" in head.get("/services").text
    assert head.get("/work/services/1/end").status == 404


def test_a_building_is_added_renamed_ended_and_used_again(office):
    head = office.enter("coordinator")
    grid = str(office.town.grid_ids[0])
    assert send(head, "/work/places/new", name_zh="九号楼", number="9", grid_id=grid).status == 303
    page = send(head, "/work/places/new", name_zh="九号楼", number="9", grid_id=grid)
    assert page.status == 422 and "已经有人使用" in page.text
    assert send(head, "/work/places/new", name_zh="x", number="8", grid_id="abc").status == 422
    with office.database.reading() as session:
        nine = next(one for one in places(session, 1, "building") if one.number == 9)
    path = f"/work/places/{nine.id}"
    assert send(head, f"{path}/change", name_zh="玖号楼").status == 303
    assert send(head, f"{path}/end", note="拆了").status == 303
    assert "停用" in head.get("/work/places").text and "玖号楼" in head.get("/work/places").text
    assert send(head, f"{path}/end", note="又用").status == 303
    lived_in = f"/work/places/{office.town.building_ids[0]}/end"
    page = send(head, lived_in, note="拆了")
    assert page.status == 409 and "户" in page.text
    assert head.get(f"/work/places/{office.town.store_place_id}/end").status == 404
