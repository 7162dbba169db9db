"""Every page that a person can reach by links, seen as tired eyes and shaking hands see it.

The pages are found by the routes and the links on them, so a new page is measured without a word
here: phones of 320 and 390 pixels, the usual and the largest text, both languages.
"""

import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.looking import sideways_pixels
from tests.browser.measuring import (
    covered_focus,
    nameless_headings,
    pale_texts,
    protruding,
    small_targets,
    torn,
)
from tests.browser.walking import DESK, NARROWEST, Walker, change
from tests.factories.sample import TODAY, enter

pytestmark = pytest.mark.browser

PHONE = 390
READERS = ("", "claimant", "volunteer", "donor", "keeper", "social", "coordinator", "approver")
LANGUAGES = {"": "en", "claimant": "zh", "volunteer": "en", "donor": "zh", "keeper": "en"}
# Nobody and the claimant see every page that they reach, in one language each; the others see what
# is theirs: the pages of residents and the open ones look the same to them.
OWN = {"volunteer": "/me", "donor": "/me", "keeper": ("/store", "/work")} | dict.fromkeys(
    ("social", "coordinator", "approver"), ("/work", "/store")
)
_NOT_PAGES = (
    "/static",
    "/api",
    "/language",
    "/text",
    "/contrast",
    "/favicon",
    "/health",
    "/gallery",
)
_SAME = ("sort", "next", "search", "before", "until", "page")  # The page looks alike with each.


def pages_of(walker: Walker, below: str | tuple[str, ...]) -> Iterator[str]:
    """Open one page of each kind that the reader reaches; yield its address while it is open."""
    rules = walker.stage.app.url_map.iter_rules()
    todo = deque(
        sorted(rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments)
    )
    known: set[tuple[str, ...]] = set()
    while todo:
        path = todo.popleft()
        if path.startswith(_NOT_PAGES) or not path.startswith(below) or kind_of(path) in known:
            continue
        known.add(kind_of(path))
        answer = walker.page.request.get(walker.stage.address + path, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        walker.go(path)
        todo += walker.page.evaluate(
            "() => [...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))"
            ".filter(href => href.startsWith('/'))"
        )
        yield path


def kind_of(path: str) -> tuple[str, ...]:
    """Pages that differ only in numbers, or in the rule that they show, are of one kind."""
    parts = urlsplit(path)
    asked = (f"{name}={value}" for name, value in parse_qsl(parts.query) if name not in _SAME)
    path = re.sub(r"/settings/[a-z]+\.\w+", "/settings/key", parts.path)
    return tuple(re.sub(r"\d+", "#", one) for one in (path, *sorted(asked)))


def faults_of(walker: Walker) -> Iterator[str]:
    """Everything that is wrong with the open page, in each width and size."""
    page = walker.page
    for width, text in ((NARROWEST, "largest"), (PHONE, "largest"), (PHONE, "normal")):
        change(page, width, text)
        found = small_targets(page) + protruding(page) + covered_focus(page) + torn(page)
        if sideways_pixels(page) > 0:
            found.append("scrolls sideways")
        yield from (f"{width} {text}: {one}" for one in found)
    yield from pale_texts(page)
    change(page, DESK, "normal")
    yield from (f"{DESK}: {one}" for one in small_targets(page) + covered_focus(page))
    yield from nameless_headings(page) + pale_texts(page)


@pytest.mark.parametrize("name", READERS)
def test_every_page_is_made_for_tired_eyes_and_shaking_hands(walk, name):
    walker = walk(name, lang=LANGUAGES.get(name, "zh"))
    seen = {path: list(faults_of(walker)) for path in pages_of(walker, OWN.get(name, "/"))}
    assert len(seen) > 5
    faults = [f"{path}: {fault}" for path, found in seen.items() for fault in found]
    assert not faults, "\n".join(faults)


def test_the_words_of_a_count_stay_whole_at_the_largest_text(walk):
    walker = walk("keeper", lang="en")
    page = walker.go("/store/day")
    page.locator("button[name=open]").click()
    page.wait_for_selector(".count-row")
    change(page, NARROWEST, "largest")
    assert not torn(page) and sideways_pixels(page) <= 0
    page.evaluate(
        "() => { const style = document.querySelector('.count-field > span').style;"
        " style.flex = '0 0 1ch'; style.overflowWrap = 'anywhere'; }"
    )
    assert torn(page)  # The measure sees a cut word.


def test_keys_never_lose_their_place_and_the_buttons_stay_above_the_fold(walk, stage):
    """Down a long list by ``j``, then ``a``: the next case is open, focused and in sight."""
    days = [TODAY - timedelta(days=ago) for ago in (3, 4, 5, 6, 8, 9, 10, 11, 12, 13)]
    stage.database.write(
        lambda session, now: [enter(session, stage.sample, on=on, minutes=40) for on in days]
    )
    page = walk("social", width=DESK).go("/work?kind=record")
    page.set_viewport_size({"width": DESK, "height": 860})
    cases = [row.get_attribute("href") for row in page.locator(".queue-item a").all()]
    for key, place in (("j", 1), ("j", 2), ("k", 1), ("j", 2), ("j", 3)):
        _press(page, key)
        assert page.url.endswith(cases[place]) and _stands_here(page)
    for _ in range(4):
        _press(page, "j")
    _press(page, "a")
    assert page.url.endswith(cases[8]) and _stands_here(page)
    confirm = page.locator("button[value=confirm]").bounding_box()
    assert confirm is not None and confirm["y"] + confirm["height"] <= 860


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def _stands_here(page: Page) -> bool:
    """Tell whether the open case has the focus in the list, wholly in sight."""
    return bool(
        page.evaluate(
            "() => { const box = document.activeElement.getBoundingClientRect();"
            " return document.activeElement.id === 'here' && box.top >= 0"
            " && box.bottom <= innerHeight; }"
        )
    )


def test_a_list_shortens_while_somebody_types(walk):
    page = walk("claimant").go("/me/take")
    page.locator(".pick-row input").first.fill("1")
    page.fill("[name=find_text]", "肥皂")
    assert page.locator(".pick-row:visible").count() == 2  # The soap, and what has a number.
    page.fill("[name=find_text]", "no such thing")
    page.locator(".pick-row input").first.evaluate("one => { one.value = 0 }")
    page.fill("[name=find_text]", "no such thing at all")
    assert page.locator("[data-find-none]").is_visible()
