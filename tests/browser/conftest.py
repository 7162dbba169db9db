"""A real Chromium with a real server on loopback; skipped, with a reason, without Chromium.

``site`` serves its own database on a free port for the whole run; ``browser`` is one Chromium per
run, ``visit`` opens pages in it with a language, size and width. ``stage`` serves a fresh copy of
the sample community to each test; ``walk`` lets somebody of it walk through its pages.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.engine import make_url
from werkzeug.serving import make_server

from tests.browser.walking import Stage, Walker
from tests.conftest import ON_CI, Clock
from tests.databases import COMMUNITY_ID, SqliteCopies
from tests.factories.sample import NOW, Sample, make_sample, own_copy
from tests.waiting import HANG_SECONDS
from timebank.db import Database
from web.app import create_app

QUIET = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)


@dataclass(frozen=True)
class Site:
    """The served application: its address, and its database."""

    address: str
    app: Flask
    database: Database


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port within the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=HANG_SECONDS)


@pytest.fixture(scope="session")
def site(sqlite_copies: SqliteCopies, info: dict[str, Any]) -> Iterator[Site]:
    url = sqlite_copies.fresh()
    database = Database(url, info=info)
    app = create_app({"DATABASE": database, "COMMUNITY_ID": COMMUNITY_ID})
    with served(app) as address:
        yield Site(address, app, database)
    database.close()
    sqlite_copies.drop(url)


@pytest.fixture(scope="session")
def sample_file(sqlite_copies: SqliteCopies, info: dict[str, Any]) -> tuple[Path, Sample]:
    """The sample community in a file that every stage copies."""
    url = sqlite_copies.fresh()
    database = Database(url, clock=lambda: NOW, info=info)
    sample = database.write(lambda session, now: make_sample(session))
    database.close()
    return Path(make_url(url).database or ""), sample


@pytest.fixture
def stage(
    sample_file: tuple[Path, Sample], info: dict[str, Any], tmp_path: Path
) -> Iterator[Stage]:
    kept, sample = sample_file
    copy = tmp_path / "sample.sqlite"
    shutil.copyfile(kept, copy)
    clock = Clock(NOW)
    database = Database(f"sqlite:///{copy}", clock=clock, info=info)
    app = create_app({"DATABASE": database, "COMMUNITY_ID": COMMUNITY_ID})
    with served(app) as address:
        yield Stage(address, app, database, clock, own_copy(sample))
    database.close()


@pytest.fixture
def walk(browser: Browser, stage: Stage) -> Iterator[Callable[..., Walker]]:
    """Begin a walk: ``walk("donor", lang="en", width=1280)``; faults of its pages fail the test."""
    walkers: list[Walker] = []

    def begin(name: str = "", *, lang: str = "zh", width: int = 390) -> Walker:
        # Without this an animation would be checked half-way when the width changes.
        context = browser.new_context(reduced_motion="reduce")
        context.set_default_timeout(HANG_SECONDS * 1000)
        context.add_cookies([{"name": "language", "value": lang, "url": stage.address}])
        walkers.append(Walker(stage, context, lang, width))
        if name:
            walkers[-1].sign_in(name)
        return walkers[-1]

    yield begin
    for walker in walkers:
        walker.context.close()
    faults = [fault for walker in walkers for fault in walker.faults]
    assert not faults, "\n".join(faults)


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

    Console errors of the page fail the test at its end: violations of the content policy appear
    only there.
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
        context.set_default_timeout(HANG_SECONDS * 1000)
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
