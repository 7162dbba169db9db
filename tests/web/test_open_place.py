"""The open pages of a place: what it is, where and when it is open, notices, and privacy."""

import io
from datetime import date

import pytest
from PIL import Image

from tests.factories.people import a_request_id
from timebank.aid.actions import set_store_day, set_store_week
from timebank.deeds.deed import Deed
from timebank.goods.opening import read_hours
from timebank.goods.queries import deposit

DAY = read_hours("09:00-12:00 14:00-17:30")


def put_up(visit, **changed):
    page = visit.get("/work/notices")
    given = {"title_zh": "店里最缺棉被", "text_zh": "洗净的就行。", "until_on": "2025-06-20"}
    return visit.press(page, "do", "write", **given | changed)


def test_a_notice_is_read_by_everybody_and_taken_down(village):
    keeper, guest = village.visit("keeper"), village.visit()
    put_up(keeper)
    for path in ("/", "/place", "/notices"):
        assert "店里最缺棉被" in guest.get(path).text, path
    kept = keeper.get("/work/notices")
    (form,) = [one for one in kept.forms if any(name == "end" for name, _ in one.buttons)]
    ended = keeper.press(kept, *form.buttons[0])
    assert ended.status == 303
    assert "店里最缺棉被" not in guest.get("/").text
    again = keeper.press(kept, *form.buttons[0])
    assert again.status in (303, 409) and "店里最缺棉被" not in guest.get("/notices").text


def test_an_english_reader_gets_the_english_text_if_there_is_one(village):
    keeper, guest = village.visit("keeper"), village.visit()
    put_up(keeper, title_en="Quilts are wanted", text_en="Washed ones, please.")
    put_up(keeper, title_zh="教用手机", text_zh="星期六九点半。")
    guest.client.set_cookie("language", "en")
    page = guest.get("/notices").text
    assert "Quilts are wanted" in page and "店里最缺棉被" not in page
    assert '<article class="notice notice-goods told" lang="zh-Hans">' in page


def test_half_a_notice_comes_back_with_what_was_typed(village):
    page = put_up(village.visit("keeper"), until_on="2025-06-01", title_en="Quilts")
    assert page.status == 422 and page.value("title_zh") == "店里最缺棉被"
    late = put_up(village.visit("keeper"), until_on="2025-06-01")
    assert 'id="until_on-error"' in late.text and "结束要晚于开始" in late.text


def test_markup_in_a_notice_is_text(village):
    put_up(village.visit("keeper"), title_zh="<b>x</b>", text_zh="<script>alert(1)</script>")
    assert "<script>alert" not in village.visit().get("/").text


def test_the_place_says_where_and_when(village):
    shop, by = village.sample.shop, village.sample.people["keeper"]

    def hours(session, now):
        week = (DAY,) * 5 + (read_hours("10:00-16:00"), ())
        set_store_week(
            Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id,
            since_on=date(2025, 6, 10), hours=week,
        )  # fmt: skip
        set_store_day(
            Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id,
            day_on=date(2025, 6, 12), hours=(), note="盘点",
        )  # fmt: skip

    assert by is not None
    village.database.write(hours)
    page = village.visit().get("/place").text
    for said in ("星期一到星期五", "09:00–12:00、14:00–17:30", "10:00–16:00", "不开门", "盘点"):
        assert said in page, said
    assert "每天" not in page


def test_privacy_is_open_to_everybody_in_both_languages(village):
    guest = village.visit()
    assert "您的信息怎么保管" in guest.get("/privacy").text
    guest.client.set_cookie("language", "en")
    assert "How your data is kept" in guest.get("/privacy").text


def test_a_phone_can_keep_the_site_on_its_home_screen(village):
    guest = village.visit()
    page = guest.get("/").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    told = guest.client.get("/manifest.webmanifest")
    assert told.mimetype == "application/manifest+json"
    assert (told.json["display"], told.json["start_url"], told.json["scope"]) == (
        "standalone",
        "/",
        "/",
    )
    assert {icon.get("purpose") for icon in told.json["icons"]} == {None, "maskable"}
    for icon in told.json["icons"]:
        picture = Image.open(io.BytesIO(guest.client.get(icon["src"]).data))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]


@pytest.mark.parametrize(
    ("login", "path"),
    [("volunteer", "/me/"), ("donor", "/me/deposit/{received}"), ("", "/receipt?no={receipt}")],
)
def test_what_is_handed_over_has_a_button_to_print(village, login, path):
    number = village.ask(deposit, village.sample.cases["received"]).receipt_no
    page = village.visit(login).get(path.format(**village.sample.cases, receipt=number)).text
    assert "data-print hidden" in page
