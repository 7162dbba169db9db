"""Large text and small screens: the bars stay in view, and hands reach every control."""

import pytest

from tests.browser.test_kiosk import (
    LANDSCAPE,
    PORTRAIT,
    SMALL_PORTRAIT,
    address,
    copies,
    page,
    screen,
    send_keys,
)
from tests.factories.goods import make_stock

pytestmark = pytest.mark.browser
FIXTURES = (address, copies, page, screen)
PATHS = (
    "/", "/card", "/deposit", "/deposit/list", "/deposit/code", "/pickup", "/help", "/look",
    "/shelf", "/take", "/passbook", "/shift",
)  # fmt: skip
_BARS = """() => [...document.querySelectorAll('.net, .clock, .bottom a, .bottom button')]
  .map(one => [one.getBoundingClientRect(), one])
  .filter(([box, one]) => box.top < 0 || box.left < 0 || box.bottom > innerHeight
    || box.right > innerWidth || !one.contains(document.elementFromPoint(
      box.left + box.width / 2, box.top + box.height / 2)))
  .map(([box, one]) => one.outerHTML.slice(0, 90))"""
_LOW = """() => [...document.querySelectorAll('.bottom button, .bottom a')]
  .map(one => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width < 96 || box.height < 96)
  .map(([box, one]) => Math.round(box.width) + ' ' + one.outerHTML.slice(0, 90))"""
_HIGH = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
  .filter(one => one.checkVisibility() && !one.closest('dialog'))
  .map(one => [one.getBoundingClientRect().top, one])
  .filter(([top]) => top < innerHeight / 3)
  .map(([top, one]) => Math.round(top) + ' ' + one.outerHTML.slice(0, 90))"""
_WIDE = "() => { const m = document.getElementById('main'); return m.scrollWidth > m.clientWidth }"


def faults(page):
    """What is out of view, too small, too wide, or out of the reach of a seated person."""
    yield from page.evaluate(_BARS)
    yield from page.evaluate(_LOW)
    if page.evaluate(_WIDE):
        yield "too wide"
    if page.viewport_size["height"] > page.viewport_size["width"]:
        yield from page.evaluate(_HIGH)


def stock(screen):
    def receive(session, now):
        for name in ("洗衣液", "毛巾", "牙膏", "肥皂", "冬衣", "棉被", "卫生纸"):
            make_stock(session, screen.stand.shop, name, 4)

    screen.database.write(receive)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("is_large", [False, True], ids=["normal", "large"])
def test_bars_stay_and_hands_reach(page, screen, address, lang, is_large):
    stock(screen)
    found = []
    for has_card in (False, True):
        if has_card:
            page.goto(address + "/")
            send_keys(page, screen.stand.card.token)
        page.goto(address + "/")
        if lang == "en" and page.locator("button[value=en]").count():
            page.locator("button[value=en]").click()
        if is_large and page.locator("button[name=large][value='1']").count():
            page.locator("button[name=large]").click()
        for path in PATHS:
            page.goto(address + path)
            for size in (PORTRAIT, LANDSCAPE, SMALL_PORTRAIT):
                page.set_viewport_size(size)
                found += [f"{path} {size['width']}: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
