"""What is typed stays: with switches, and in the minutes before a visit ends."""

from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

MINUTE_MS = 60_000


def begin(walk, *, lang="zh", width=1280):
    """A keeper with one line on the list, half filled in."""
    keeper = walk("keeper", lang=lang, width=width)
    keeper.page.clock.install()
    keeper.go("/store/intake")
    keeper.page.select_option("[name=add_item]", index=1)
    keeper.follow("button[name=add]")
    keeper.page.fill("[name=lines-0-brought]", "7")
    return keeper


def pieces(keeper):
    return keeper.page.input_value("[name=lines-0-brought]")


def test_a_switch_takes_along_what_was_typed(walk):
    keeper = begin(walk)
    keeper.follow("[name=switch-to][value='language:en']")
    assert pieces(keeper) == "7" and keeper.page.get_attribute("html", "lang") == "en"
    keeper.page.fill("[name=lines-0-brought]", "8")
    keeper.follow("[name=switch-to][value='text:large']")
    assert pieces(keeper) == "8" and keeper.page.get_attribute("html", "data-text") == "large"


def test_a_switch_takes_along_the_second_form_of_a_page(walk):
    keeper = walk("keeper", lang="zh", width=1280)
    keeper.go("/store/opening")
    keeper.page.fill("[name=mon]", "7:00-8:00")
    keeper.follow("[name=switch-to][value='language:en']")
    assert keeper.page.input_value("[name=mon]") == "7:00-8:00"


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 1280)])
def test_two_minutes_before_the_end_one_touch_goes_on(walk, lang, width):
    keeper = begin(walk, lang=lang, width=width)
    dialog = keeper.page.locator("dialog.stay")
    keeper.page.clock.fast_forward(13 * MINUTE_MS - 5000)
    assert not dialog.is_visible()
    keeper.page.clock.fast_forward(10_000)
    assert dialog.is_visible()
    keeper.look("about to end")
    with keeper.page.expect_response("**/me/stay") as answer:
        keeper.page.locator("[data-stay-go]").click()
    assert answer.value.status == 200
    assert not dialog.is_visible() and pieces(keeper) == "7"


def test_what_was_typed_outlives_a_visit_that_nobody_touches(walk, stage):
    keeper = begin(walk)
    keeper.page.clock.fast_forward(13 * MINUTE_MS + 5000)
    stage.clock.move(minutes=14, seconds=44)
    with keeper.page.expect_response(lambda one: one.request.method == "POST") as kept:
        keeper.page.clock.fast_forward(105_000)
    assert kept.value.status == 204
    stage.clock.move(seconds=17)
    keeper.page.clock.fast_forward(20_000)
    assert keeper.page.locator("[data-stay-over]").is_visible()
    keeper.look("ended")
    link = keeper.page.locator("[data-stay-over] a").get_attribute("href")
    address = stage.address + parse_qs(urlsplit(link).query)["next"][0]
    again = walk("keeper", lang="zh", width=1280)
    again.page.goto(address)
    assert pieces(again) == "7"
    again.look("restored")
