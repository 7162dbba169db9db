"""A kiosk of a rehearsal: the real agent and its screen, with the copy as its server."""

import contextlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from flask.testing import FlaskClient

from kiosk.agent import Kiosk, make_kiosk, now_us, pair_kiosk
from kiosk.app import create_app
from kiosk.config import Config
from kiosk.outbox import NewEvent, StoredEvent
from kiosk.security import COOKIE
from kiosk.server import Call, Reply, ServerDown
from kiosk.store import Identity
from kiosk.visit import Visit
from timebank.commands.drills.copied import Copied
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.goods.queries import Store
from timebank.kiosks import queries, wire
from timebank.kiosks.actions import (
    ask_pairing,
    confirm_pairing,
    make_pairing_code,
    withdraw_pairing,
)
from timebank.values import By
from web.app import create_app as create_web

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Line:
    """The network between a kiosk and the copy. It can be cut, and keeps what was sent last."""

    app: Flask
    is_cut: bool = False
    last: Call | None = None

    def __call__(self, call: Call) -> Reply:
        if self.is_cut:
            raise ServerDown("the network is cut")
        self.last = call
        answer = self.app.test_client().open(
            call.path, method=call.method, data=call.body, headers=dict(call.headers)
        )
        return Reply(answer.status_code, answer.data, dict(answer.headers))


def web_over(copied: Copied) -> Flask:
    """The whole web over the copy; nothing listens."""
    return create_web({"DATABASE": copied.database, "COMMUNITY_ID": copied.community_id})


@dataclass
class Booth:
    """One kiosk with its folder, its network, and a person who taps."""

    folder: Path
    line: Line
    clock: Callable[[], int] = now_us
    kiosk: Kiosk = field(init=False)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Switch the machine on."""
        config = Config(data=self.folder, server="http://copy", disk_free_min=0)
        self.kiosk = make_kiosk(config, carrier=self.line, clock=self.clock)
        self.client = create_app(kiosk=self.kiosk).test_client()

    @property
    def identity(self) -> Identity:
        identity = self.kiosk.outbox.identity
        assert identity is not None, "the rehearsal pairs a kiosk before it uses it"
        return identity

    def pair(self, copied: Copied, store: Store) -> str:
        """Pair with a store by a new code of two people, which is returned."""
        first, second = copied.two_of_staff()

        def send(action: Callable[..., Any], by: By, **content: Any) -> Any:
            request_id = str(uuid.uuid4())
            return perform(copied.database, action, by=by, request_id=request_id, **content)

        with copied.database.reading() as session:
            permits = queries.open_permits(
                session, copied.community_id, now=copied.database.clock()
            )
        for known in permits:
            send(withdraw_pairing, first, permit_id=known.id)
        asked = send(ask_pairing, first, store_id=store.id)
        send(confirm_pairing, second, permit_id=asked.permit_id)
        code: str = send(make_pairing_code, first, store_id=store.id).code
        pair_kiosk(self.kiosk, code)
        self.round()
        return code

    def round(self) -> bool:
        """Send and fetch once; tell whether the server answered as usual."""
        with contextlib.suppress(ServerDown):
            self.kiosk.sync.round()
            return True
        return False

    def cut(self) -> None:
        self.line.is_cut = True
        self.round()

    def record(self, body: msgspec.Struct, card: str | None = None) -> StoredEvent:
        """Record an event, as the screen does; ``card`` is the code of a card."""
        actor = f"card:{wire.card_ref(self.identity.secret, card)}" if card else None
        return self.kiosk.outbox.record(NewEvent(str(uuid.uuid4()), body, "drill", actor))

    def outcome(self, event: StoredEvent) -> tuple[str, str | None]:
        """What the server made of an event: its state and the reason of a review."""
        found = self.kiosk.outbox.find(event.event_id)
        return (found.state, found.reason) if found else ("lost", None)

    def leave_goods(self, card: str | None = None) -> StoredEvent:
        """Leave one piece of the first item of the catalogue in front of the kiosk."""
        item = self.kiosk.known.snapshot.items[0]
        line = wire.WireDepositLine(item.item_id, 1, "new")
        return self.record(wire.DepositRecorded((line,)), card)

    def device(self, database: Database, community_id: int) -> queries.Device:
        """This kiosk, as the server knows it."""
        with database.reading() as session:
            return queries.device_of(session, community_id, int(self.identity.device))

    # The person in front of it.
    def open_page(self, path: str) -> Visit | None:
        """Open a page; return the visit after it."""
        self.client.get(path, follow_redirects=True)
        return self.visit()

    def tap(self, page: str, path: str, **form: str) -> Visit | None:
        """Send a form from a page; return the visit after it."""
        token = _CSRF.search(self.client.get(page, follow_redirects=True).text)
        fields = {"csrf": token[1] if token else "", **form}
        self.client.post(path, data=fields, follow_redirects=True)
        return self.visit()

    def type_number(self, number: str, pin: str) -> Visit | None:
        """Type a card number and a PIN, then try both pages that would show something."""
        self.tap("/card", "/card", digits=number)
        self.tap("/pin", "/pin", pin=pin)
        self.open_page("/passbook")
        return self.open_page("/pickup")

    def visit(self) -> Visit | None:
        cookie = self.client.get_cookie(COOKIE)
        return self.kiosk.visits.find(cookie.value) if cookie else None

    def close(self) -> None:
        """Switch the machine off."""
        self.kiosk.outbox.close()
