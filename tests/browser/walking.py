"""A person with a browser who walks through the pages of a community.

``stage`` is a served copy of the sample community with a clock that a test moves; ``walk`` opens a
browser there. Every page that a walker looks at is checked by axe in several widths and text
sizes, and must not scroll sideways.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page

from tests.browser.looking import axe_faults, sideways_pixels
from tests.browser.measuring import (
    covered_focus,
    nameless_headings,
    pale_texts,
    protruding,
    small_targets,
)
from tests.conftest import Clock
from tests.factories.sample import PASSWORD, Sample
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.values import local_day, new_id

PHONE, DESK, NARROWEST = 360, 1280, 320
HEIGHT = 844
# Width and text size in which axe looks; the two languages together see each of both.
WAYS = {"zh": ((PHONE, "large"), (DESK, "normal")), "en": ((PHONE, "normal"),)}
# And those in which it is measured what eyes and hands need, which is quick.
MORE_WAYS = (
    (NARROWEST, "normal"), (NARROWEST, "large"), (NARROWEST, "largest"), (390, "largest"),
    (DESK, "large"),
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """The sample community behind a server, and actors without a browser."""

    address: str
    app: Flask
    database: Database
    clock: Clock
    sample: Sample

    def act(self, action: Any, name: str, **content: Any) -> Any:
        """Perform a deed as somebody of the sample, without a page."""
        by = self.sample.people[name]
        return perform(self.database, action, by=by, request_id=str(new_id()), **content)

    def day(self, ahead: int = 0) -> date:
        """Today on the stage's clock, or so many days ahead."""
        return local_day(self.clock()) + timedelta(days=ahead)


@dataclass
class Walker:
    """One reader in one language; ``faults`` lists what was wrong with their pages."""

    stage: Stage
    context: BrowserContext
    lang: str
    home_width: int
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.set_viewport_size({"width": self.home_width, "height": HEIGHT})
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda fault: self.faults.append(f"script: {fault}"))
        self.page.on("response", self._note)

    def _hear(self, said: Any) -> None:
        # The answer itself is noted; [DOM] is advice to pages with a password and no user name.
        if not said.text.startswith(("Failed to load resource", "[DOM]")):
            self.faults.append(f"console: {said.text}")

    def _note(self, answer: Any) -> None:
        """Note server errors and missing parts; a refusal is a page with a status of its own."""
        is_page = answer.request.resource_type == "document"
        if answer.status >= (500 if is_page else 400):
            self.faults.append(f"{answer.status}: {answer.url}")

    def go(self, path: str) -> Page:
        """Open an address of the stage."""
        self.page.goto(self.stage.address + path)
        return self.page

    def sign_in(self, name: str) -> Page:
        """Sign in by name and password through the page."""
        self.go("/sign-in/name")
        self.page.fill("[name=login_name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_url(re.compile("/(me|work|store)/?"))
        return self.page

    def follow(self, selector: str) -> Page:
        """Press a link or a button that leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        return self.page

    def look(self, name: str) -> Page:
        """Check the current page, once per name."""
        if name not in self.seen:
            self.seen.add(name)
            self.faults += [f"{name} ({self.lang}): {fault}" for fault in page_faults(self)]
        return self.page

    def text(self, selector: str = "main") -> str:
        return self.page.locator(selector).first.inner_text()


def page_faults(walker: Walker) -> list[str]:
    """Check a page in all variants of a language; then restore it."""
    page, found = walker.page, []
    for width, size in WAYS[walker.lang]:
        change(page, width, size)
        found += [f"{width} {size}: {fault}" for fault in axe_faults(page)]
        if sideways_pixels(page) > 0:
            found.append(f"{width} {size}: scrolls sideways")
    for width, size in MORE_WAYS:
        change(page, width, size)
        told = [*protruding(page), *small_targets(page), *covered_focus(page)]
        if sideways_pixels(page) > 0:
            told.append("scrolls sideways")
        found += [f"{width} {size}: {one}" for one in told]
    found += pale_texts(page) + nameless_headings(page)
    change(page, walker.home_width, "normal")
    return found


def change(page: Page, width: int, text: str) -> None:
    """Show an open page in another width and size."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate("text => { document.documentElement.dataset.text = text }", text)
