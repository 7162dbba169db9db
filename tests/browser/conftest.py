"""A real Chromium over a real server on loopback; skipped with its reason where none is.

``site`` serves a database of its own on a free port for the whole run; ``browser`` is one
Chromium a run, ``visit`` opens pages in it as a reader of a language, size and width.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.conftest import ON_CI
from tests.databases import COMMUNITY_ID, SqliteCopies
from timebank.db import Database
from web.app import create_app

HERE = Path(__file__).parent
AXE = HERE / "vendor" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True)
class Site:
    """The served application: its address, and its database to put something into."""

    address: str
    app: Flask
    database: Database


@pytest.fixture(scope="session")
def site(sqlite_copies: SqliteCopies, info: dict[str, Any]) -> Iterator[Site]:
    url = sqlite_copies.fresh()
    database = Database(url, info=info)
    app = create_app({"DATABASE": database, "COMMUNITY_ID": COMMUNITY_ID})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", app, database)
    server.shutdown()
    thread.join(timeout=10)
    database.close()
    sqlite_copies.drop(url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        why = "no chromium on the path: install it (Debian: apt install chromium fonts-noto-cjk)"
        if ON_CI:
            pytest.fail(f"CI needs a browser: {why}")
        pytest.skip(why)
    # Only root needs it: Chromium's own sandbox refuses to start for root.
    unboxed = ("--no-sandbox",) if os.getuid() == 0 else ()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=[*QUIET, *unboxed])
        yield chromium
        chromium.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Open a path as a reader: ``visit("/help", lang="en", width=360, text="large")``.

    What the page complains about on its console fails the test at its end: a broken
    content policy says so there and nowhere else.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        path: str, *, lang: str = "zh", width: int = 1280, text: str = "normal", **more: Any
    ) -> Page:
        wishes = {"language": lang, "text": text, "contrast": more.pop("contrast", "normal")}
        context = browser.new_context(
            viewport={"width": width, "height": 844}, reduced_motion="reduce", **more
        )
        context.set_default_timeout(20_000)
        context.add_cookies(
            [{"name": name, "value": told, "url": site.address} for name, told in wishes.items()]
        )
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{path}: {said.text}"))
        page.on("pageerror", lambda fault: complaints.append(f"{path}: {fault}"))
        page.goto(site.address + path)
        return page

    yield open_
    for context in opened:
        context.close()
    assert not complaints, "\n".join(complaints)


def axe_faults(page: Page) -> list[str]:
    """Run axe on a page and say each violation in one line."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS
    )
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def sideways_pixels(page: Page) -> int:
    """How far a page can be pushed sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


_SMALL_TARGETS = """
least => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== 'hidden')
  .filter(one => !one.closest('.skip, .unseen, dialog:not([open])'))
  .filter(one => !(one.tagName === 'A' && getComputedStyle(one).display === 'inline'))
  .map(one => one.closest('label.choice') || one)
  .map(one => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.height + 0.5 < least || box.width + 0.5 < Math.min(least, 44))
  .map(([box, one]) => [Math.round(box.width), Math.round(box.height), one.outerHTML.slice(0, 120)])
  .map(parts => parts.join(' '))
"""


def small_targets(page: Page, least: int) -> list[str]:
    """Controls lower than ``least`` pixels; links within a sentence are not controls."""
    found: list[str] = page.evaluate(_SMALL_TARGETS, least)
    return found
