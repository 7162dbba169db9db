"""The pages of the catalogue: list, propose, agree, end; each refusal beside its field."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.factories.people import a_request_id
from timebank.deeds.running import perform
from timebank.goods import queries
from timebank.goods.actions import announce_deposit
from timebank.goods.rules import AnnouncedLine
from timebank.values import local_day

NEW = {
    "name_zh": "红豆 500g", "item_kind": "food", "unit_zh": "袋", "price": "９.50",
    "shelf_life_days": "365", "storage": "dry", "asks": "sealed",
}  # fmt: skip


def item_named(office, name):
    with office.database.reading() as session:
        return next(one for one in queries.items(session, 1) if one.name_zh == name)


def waiting(office):
    with office.database.reading() as session:
        return queries.open_item_changes(session, 1)


def send(visit, path, **changed):
    """Fill in the form of a page, and press its one button."""
    form = visit.get(path).forms[-1]
    return visit.send(form, list((dict(form.fields) | changed).items()))


def propose(office, visit, **changed):
    return send(visit, "/work/items/new", **NEW | changed)


def test_a_keeper_proposes_and_an_approver_agrees(office):
    keeper = office.enter("keeper")
    assert propose(office, keeper).status == 303
    (change,) = waiting(office)
    assert "红豆 500g" in keeper.get("/work/items").text
    approver = office.enter("approver")
    case = approver.get(f"/work?case=item_change-{change.id}")
    assert "9.50 元" in case.text and "包装没有打开过" in case.text
    assert approver.press(case, "do", "agree").status == 303
    item = item_named(office, "红豆 500g")
    assert (item.reference_fen, item.name_en, item.asked) == (950, "红豆 500g", ("sealed",))
    assert "袋" in keeper.get(f"/work/items/{item.id}").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name_zh": ""}, "请填写"),
        ({"name_zh": "食盐"}, "目录里已经有这个名称"),
        ({"price": "1e3"}, "请写成 8 或 8.50 这样"),
        ({"price": "10000.01"}, "请写成 8 或 8.50 这样"),
        ({"price": "-1"}, "请写成 8 或 8.50 这样"),
        ({"shelf_life_days": ""}, "食品必须写"),
        ({"item_kind": "weapon"}, "field-error"),
        ({"asks": "magic"}, "field-error"),
    ],
)
def test_a_faulty_item_is_refused_beside_its_field(office, changed, said):
    page = propose(office, office.enter("keeper"), **changed)
    assert page.status == 422 and said in page.text and waiting(office) == []


def test_a_change_of_a_price_waits_and_is_taken_back(office):
    keeper, soap = office.enter("keeper"), item_named(office, "肥皂")
    path = f"/work/items/{soap.id}"
    assert send(keeper, f"{path}/change", price="5").status == 303
    page = keeper.get(path)
    assert "4.00 元 → 5.00 元" in page.text and "/change" not in page.text
    (change,) = waiting(office)
    assert keeper.press(page, "drop", str(change.id)).status == 303
    assert waiting(office) == [] and f"{path}/change" in keeper.get(path).text


def test_what_is_the_same_is_no_change(office):
    keeper, soap = office.enter("keeper"), item_named(office, "肥皂")
    path = f"/work/items/{soap.id}/change"
    page = send(keeper, path)
    assert page.status == 422 and "和现在一样" in page.text


def test_a_retired_item_is_neither_offered_nor_scanned(office):
    head, soap = office.enter("coordinator"), item_named(office, "肥皂")
    path = f"/work/items/{soap.id}"
    assert send(head, f"{path}/end", note="没有人要").status == 303
    assert "不再收了" in head.get(path).text
    assert "肥皂" not in head.get("/work/items").text
    assert "肥皂" in head.get("/work/items?state=retired").text
    keeper = office.enter("keeper")
    assert str(soap.id) not in keeper.get("/me/deposit/announce").text
    intake = keeper.get("/store/intake")
    page = keeper.press(intake, "add", "1", scan=soap.barcode)
    assert "肥皂已经停收了" in page.text


def test_an_item_that_ended_meanwhile_is_refused_at_its_line(office):
    keeper, soap = office.enter("keeper"), item_named(office, "肥皂")
    page = keeper.press(keeper.get("/store/intake"), "add", "1", scan=soap.barcode)
    head = office.enter("coordinator")
    assert send(head, f"/work/items/{soap.id}/end", note="没有人要").status == 303
    page = keeper.press(page, "check", "1")
    assert "不再收" in page.text and not page.has_button("receive", "1")


def test_the_list_filters_sorts_and_pages(office):
    head = office.enter("coordinator")
    found = head.get("/work/items?q=盐").text
    assert "食盐" in found and "大米" not in found
    assert "大米" in head.get("/work/items?q=2000000000015").text
    assert "食盐" not in head.get("/work/items?kind=books").text
    dearest = head.get("/work/items?sort=-price").text
    assert dearest.index("轮椅") < dearest.index("食盐")
    for odd in ("page=0", "page=99999999", "sort=-", "state=x", "q=" + "x" * 500):
        assert head.get(f"/work/items?{odd}").status == 200


def test_a_change_that_waits_for_its_day_is_shown(office):
    head, soap = office.enter("coordinator"), item_named(office, "肥皂")
    path = f"/work/items/{soap.id}"
    later = (local_day(office.database.clock()) + timedelta(days=9)).isoformat()
    assert send(head, f"{path}/change", storage="cool", since_on=later).status == 303
    assert "常温、干燥 → 阴凉处" in head.get(path).text
    assert item_named(office, "肥皂").storage == "dry"


def upload(visit, path, data, name="soap.jpg"):
    fields = dict(visit.get(path).forms[-1].fields) | {"picture": (io.BytesIO(data), name)}
    return visit.client.post(path, data=fields, content_type="multipart/form-data")


def drawn(kind, size=(900, 700)):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Phone of Keeper 7"
    Image.new("RGB", size, (20, 120, 60)).save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_cleaned_resized_and_shown(office, kind):
    keeper, soap = office.enter("keeper"), item_named(office, "肥皂")
    path = f"/work/items/{soap.id}"
    assert keeper.get(f"{path}/picture/file").status == 404
    assert (
        upload(keeper, f"{path}/picture", drawn(kind) + b"<script>alert(1)</script>").status_code
        == 303
    )
    assert "/picture/file" in keeper.get(path).text
    answer = keeper.client.get(f"{path}/picture/file")
    assert answer.mimetype == "image/jpeg" and max(Image.open(io.BytesIO(answer.data)).size) == 640
    assert b"Keeper" not in answer.data and b"script" not in answer.data
    page = keeper.get(f"{path}/picture")
    assert keeper.press(page, "do", "remove").status == 303
    assert "/picture/file" not in keeper.get(path).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "这不是照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "这不是照片"),
        (b"GIF89a" + b"\0" * 60, "这不是照片"),
        (b"%PDF-1.4", "这不是照片"),
        (drawn("JPEG")[:400], "打不开"),
        (b"\xff\xd8\xff" + b"0" * 100, "照片"),
    ],
)
def test_what_is_no_photograph_is_refused(office, data, said):
    keeper, soap = office.enter("keeper"), item_named(office, "肥皂")
    answer = upload(keeper, f"/work/items/{soap.id}/picture", data)
    assert answer.status_code in (200, 422) and said in answer.get_data(as_text=True)
    assert item_named(office, "肥皂").picture_digest is None


def test_what_is_not_on_the_list_is_proposed_from_the_intake(office):
    line = AnnouncedLine(None, 1, described="电饭煲")
    told = {"store_id": office.shop.store_id, "lines": (line,)}
    deed = {"by": office.staff["keeper"], "request_id": a_request_id()}
    announced = perform(office.database, announce_deposit, **deed, **told)
    keeper = office.enter("keeper")
    page = keeper.get(f"/store/intake?deposit={announced.deposit_id}")
    assert "/work/items/new?name=%E7%94%B5" in page.text
    assert keeper.get("/work/items/new?name=电饭煲").value("name_zh") == "电饭煲"
