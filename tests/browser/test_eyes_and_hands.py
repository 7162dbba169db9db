"""Every page that a person can reach by links, seen as tired eyes and shaking hands see it.

The pages are found by the routes and the links on them, so a new page is measured without a word
here: phones of 320 and 390 pixels, the usual and the largest text, both languages.
"""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.browser.looking import sideways_pixels
from tests.browser.measuring import (
    covered_focus,
    nameless_headings,
    pale_texts,
    protruding,
    small_targets,
)
from tests.browser.walking import DESK, NARROWEST, Walker, change

pytestmark = pytest.mark.browser

PHONE = 390
READERS = ("", "claimant", "volunteer", "donor", "keeper", "social", "coordinator", "approver")
LANGUAGES = {"": "en", "claimant": "zh", "volunteer": "en", "donor": "zh", "keeper": "en"}
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


def pages_of(walker: Walker) -> Iterator[str]:
    """Open one page of each kind that the reader reaches; yield its address while it is open."""
    rules = walker.stage.app.url_map.iter_rules()
    todo = deque(
        sorted(rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments)
    )
    known: set[tuple[str, ...]] = set()
    while todo:
        path = todo.popleft()
        if path.startswith(_NOT_PAGES) or kind_of(path) in known:
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
    """Pages that differ only in numbers are of one kind."""
    parts = urlsplit(path)
    asked = (f"{name}={value}" for name, value in parse_qsl(parts.query) if name not in _SAME)
    return tuple(re.sub(r"\d+", "#", one) for one in (parts.path, *sorted(asked)))


def faults_of(walker: Walker) -> Iterator[str]:
    """Everything that is wrong with the open page, in each width and size."""
    page = walker.page
    for width, text in ((NARROWEST, "largest"), (PHONE, "largest"), (PHONE, "normal")):
        change(page, width, text)
        found = small_targets(page) + protruding(page) + covered_focus(page)
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
    seen = {path: list(faults_of(walker)) for path in pages_of(walker)}
    assert len(seen) > 5
    faults = [f"{path}: {fault}" for path, found in seen.items() for fault in found]
    assert not faults, "\n".join(faults)
