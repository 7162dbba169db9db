"""A town behind API v1: its people sign in with real passwords and send real requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import people as make
from tests.factories.goods import Shop, make_shop, make_stock
from tests.factories.people import PASSWORD
from tests.factories.served import app_over
from timebank.db import Database
from timebank.values import By

_keys = count(1)


def a_key() -> str:
    """A new idempotency key."""
    return f"deed-{next(_keys):08d}"


@dataclass
class Machine:
    """A program that acts for one person; it keeps the token, not a cookie."""

    app: Flask
    by: By
    token: str = ""
    language: str = "en"

    def headers(self, **more: str) -> dict[str, str]:
        told = {"Accept-Language": self.language}
        if self.token:
            told["Authorization"] = f"Bearer {self.token}"
        return told | {name.replace("_", "-"): value for name, value in more.items()}

    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client().get(f"/api/v1{path}", query_string=query, headers=self.headers())

    def post(self, path: str, body: Any, *, key: str | None = None, **more: str) -> TestResponse:
        key = a_key() if key is None else key
        headers = self.headers(**more) | ({"Idempotency-Key": key} if key else {})
        return self.client().post(f"/api/v1{path}", json=body, headers=headers)

    def post_raw(self, path: str, body: bytes, kind: str = "application/json") -> TestResponse:
        headers = self.headers() | {"Idempotency-Key": a_key()}
        return self.client().post(f"/api/v1{path}", data=body, content_type=kind, headers=headers)

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        body = {"login_name": f"user-{self.by.person_id}", "password": password}
        return self.client().post("/api/v1/sign-in", json=body, headers=self.headers())


@dataclass
class Hall:
    """A shop with stock, behind the API."""

    database: Database
    app: Flask = field(init=False)
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        self.shop = self.database.write(self._lay)
        self.app = app_over(self.database)

    @staticmethod
    def _lay(session: Session, now: Any) -> Shop:
        shop = make_shop(session)
        make_stock(session, shop, "大米", 5, best_before_on=date(2025, 9, 30))
        return shop

    def machine(self, make_by: Callable[..., By] = make.claimant) -> Machine:
        """Somebody of the town, signed in."""
        by = self.database.write(lambda session, now: make_by(session, self.shop.town))
        machine = Machine(self.app, by)
        answer = machine.sign_in()
        assert answer.status_code == 200, answer.text
        machine.token = answer.json["token"]
        return machine

    def passer_by(self) -> Machine:
        return Machine(self.app, By(1, "nobody"))

    def rice(self, pieces: Any = 2) -> dict[str, Any]:
        """The body of a claim, and of an announcement, for rice."""
        line = {"item_id": str(self.shop.item("大米")), "pieces": pieces}
        return {"store_id": str(self.shop.store_id), "lines": [line]}
