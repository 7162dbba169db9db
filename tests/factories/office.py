"""An office behind a web server: staff who sign in, and a browser that presses buttons.

The browser sends a form as a real one does: every field as drawn, with some changed, and the
pressed button. So a page that forgets a field fails its test.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.databases import SqliteCopies
from tests.factories import people as make
from tests.factories.goods import Shop, make_shop
from tests.factories.hours import make_services
from tests.factories.people import PASSWORD, Town
from tests.factories.sample import NOW
from tests.factories.served import app_over
from timebank.db import Database
from timebank.values import By, Role

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """One form of a page: its address, its fields as drawn, its buttons."""

    action: str
    fields: Fields = field(default_factory=list)
    buttons: Fields = field(default_factory=list)


class Page(HTMLParser):
    """A page as the browser sees it."""

    def __init__(self, answer: TestResponse, path: str) -> None:
        super().__init__()
        self.status = answer.status_code
        self.location = answer.location
        self.text = answer.get_data(as_text=True)
        self.path = path
        self.forms: list[Form] = []
        self._select: tuple[str, list[str], list[str]] | None = None
        self._area = ""
        if answer.mimetype == "text/html":
            self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(told.get("action") or self.path))
        if not self.forms:
            return
        if tag == "input" and told.get("name"):
            self._input(told)
        elif tag == "button" and told.get("name"):
            self.forms[-1].buttons.append((told["name"], told.get("value", "")))
        elif tag == "select" and told.get("name"):
            self._select = (told["name"], [], [])
        elif tag == "option" and self._select:
            self._select[1 if "selected" in told else 2].append(told.get("value", ""))
        elif tag == "textarea":
            self._area = told["name"]
            self.forms[-1].fields.append((self._area, ""))

    def _input(self, told: dict[str, str]) -> None:
        is_box = told.get("type") in ("checkbox", "radio")
        if not is_box or "checked" in told:
            self.forms[-1].fields.append((told["name"], told.get("value", "on" if is_box else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, chosen, rest = self._select
            self.forms[-1].fields.append((name, (chosen or rest or [""])[0]))
            self._select = None
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[-1] = (self._area, data.strip("\r\n"))

    def form_with(self, button: tuple[str, str]) -> Form:
        """The form with a button; fails if the page has no such form."""
        found = [form for form in self.forms if button in form.buttons]
        assert found, f"no button {button} on {self.path}: {[f.buttons for f in self.forms]}"
        return found[0]

    def has_button(self, name: str, value: str) -> bool:
        return any((name, value) in form.buttons for form in self.forms)

    def value(self, name: str) -> str:
        """The value of a field, anywhere on the page."""
        return next(v for form in self.forms for n, v in form.fields if n == name)


class Visit:
    """Somebody at a browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str) -> Page:
        return Page(self.client.get(path), path)

    def press(self, page: Page, name: str, value: str = "1", **changed: Any) -> Page:
        """Press a button of a drawn page; return the answer without following redirects."""
        form = page.form_with((name, value))
        return self.send(form, [*_changed(form.fields, changed), (name, value)])

    def send(self, form: Form, fields: Fields) -> Page:
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return Page(self.client.post(form.action, data=data), form.action)

    def follow(self, page: Page) -> Page:
        """Follow the redirect of a page."""
        assert page.status == 303, (page.status, page.text[-3000:])
        parts = urlsplit(page.location or "")
        return self.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _changed(fields: Fields, changed: dict[str, Any]) -> Fields:
    told = {name.replace("__", "-"): value for name, value in changed.items()}
    kept = [(name, value) for name, value in fields if name not in told]
    for name, value in told.items():
        many = value if isinstance(value, list) else [value]
        kept += [(name, str(one)) for one in many]
    return kept


@dataclass
class Office:
    """A shop, its neighbours and its staff, behind a web server."""

    database: Database
    shop: Shop
    staff: dict[str, By]
    app: Flask
    services: dict[str, int]
    sent: list[str] = field(default_factory=list)

    @property
    def town(self) -> Town:
        return self.shop.town

    def enter(self, name: str) -> Visit:
        """Sign in a member of staff."""
        visit = Visit(self.app)
        page = visit.get("/sign-in/name")
        form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
        told = {"login_name": f"user-{self.staff[name].person_id}", "password": PASSWORD}
        assert visit.send(form, _changed(form.fields, told)).status == 303
        return visit

    def do(self, build: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a builder in a unit of work that is committed."""
        return self.database.write(lambda session, now: build(session, *args, **kwargs))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect the statements sent to the database, without BEGIN."""
        sent: list[str] = []

        def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                sent.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", listen)
        yield sent
        event.remove(self.database.engine, "before_cursor_execute", listen)


def _people(session: Session, shop: Shop) -> dict[str, By]:
    town = shop.town
    return {
        "keeper": make.keeper(session, town),
        "coordinator": make.coordinator(session, town),
        "social_worker": make.social_worker(session, town),
        "grid_worker": make.grid_worker(session, town),
        "approver": make.approver(session, town),
        "auditor": make.auditor(session, town),
        "cashier": make.staff(session, town, Role("cashier")),
        "resident": make.resident(session, town),
    }


Staffed = tuple[Shop, dict[str, By], dict[str, int]]


@pytest.fixture(scope="session")
def office_file(
    sqlite_copies: SqliteCopies, info: dict[str, Any]
) -> Iterator[tuple[Path, Staffed]]:
    """A store with its staff and services, in a file that every office copies."""
    url = sqlite_copies.fresh()
    database = Database(url, clock=lambda: NOW, info=info)

    def build(session: Session, now: datetime) -> Staffed:
        shop = make_shop(session)
        return shop, _people(session, shop), make_services(session, shop.town)

    staffed = database.write(build)
    database.close()
    yield Path(make_url(url).database or ""), staffed
    sqlite_copies.drop(url)


@pytest.fixture
def office(
    office_file: tuple[Path, Staffed], clock: Any, info: dict[str, Any], tmp_path: Path
) -> Iterator[Office]:
    """One engine only: the tests of the actions behind the pages run on both."""
    kept, staffed = office_file
    copy = tmp_path / "office.sqlite"
    shutil.copyfile(kept, copy)
    database = Database(f"sqlite:///{copy}", clock=clock, info=info)
    shop, staff, services = deepcopy(staffed)
    yield Office(database, shop, staff, app_over(database, shop.town.community_id), services)
    database.close()
