"""Builders of kiosks: a shop with a paired device, and a kiosk that talks to the server.

``Sender`` signs and sends as a device does, without the agent: for tests of the server.
``make_agent`` is the real agent with a carrier of the test's choice.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kiosk.agent import Kiosk, make_kiosk, now_us, pair_kiosk
from kiosk.config import Config
from kiosk.server import Call, Carrier, Reply, ServerDown
from tests.factories.aid import make_claimant
from tests.factories.goods import Shop, make_shop
from tests.factories.hours import make_services, register
from tests.factories.people import a_request_id, approver, coordinator, make_card, make_town
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.goods.actions import DepositAnnounced, announce_deposit
from timebank.goods.rules import AnnouncedLine
from timebank.kiosks import actions, queries, wire
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.intake import receive_event
from timebank.kiosks.tables import card_ref
from timebank.people.queries import Card
from timebank.values import By, to_us
from web import errors, ground, reader, security
from web.app import create_app
from web.kiosks.subject import PAGES
from web.pages import join

_building = threading.Lock()


@dataclass
class Stand:
    """A shop with a kiosk, its people, and their cards."""

    shop: Shop
    device: queries.Device
    key: bytes
    coordinator: By
    volunteer: By
    card: Card
    service_id: int
    seq: int = 0
    prev: str = field(default=wire.NO_PREVIOUS)

    @property
    def actor(self) -> str:
        return f"card:{wire.card_ref(self.device.secret, self.card.token)}"

    def envelope(self, told: msgspec.Struct, *, at: datetime, **changes: Any) -> wire.Envelope:
        """The next envelope of the chain."""
        self.seq += 1
        made = wire.Envelope(
            v=1, device=str(self.device.device_id), epoch=self.device.epoch, seq=self.seq,
            event_id=str(uuid.uuid4()), type=wire.TYPE_OF[type(told)], occurred_at=to_us(at),
            tz="Asia/Shanghai", boot_id="boot", monotonic_ms=self.seq, clock_quality="synced",
            session_id="visit", actor=self.actor, witness=None, snapshot_version="",
            policy_version="", body=wire.body_dict(told), prev=self.prev,
        )  # fmt: skip
        made = msgspec.structs.replace(made, **changes)
        self.prev = wire.digest(wire.canonical(made))
        return made

    def item(self, envelope: wire.Envelope) -> wire.BatchItem:
        """Sign an envelope for sending."""
        raw = wire.canonical(envelope)
        return wire.BatchItem(
            envelope.epoch, envelope.seq, wire.to_text(raw), wire.to_text(wire.sign(self.key, raw))
        )

    def deed(self, told: msgspec.Struct, *, at: datetime, **changes: Any) -> wire.BatchItem:
        return self.item(self.envelope(told, at=at, **changes))

    def rice(self, pieces: int = 2) -> wire.DepositRecorded:
        line = wire.WireDepositLine(self.shop.item("大米"), pieces, "new")
        return wire.DepositRecorded((line,))


def permit_kiosk(session: Session, shop: Shop, by: By, *, now: datetime) -> int:
    """Let a coordinator ask for a kiosk, and an approver agree."""
    asked = actions.ask_pairing(Deed(session, by, now, a_request_id()), store_id=shop.store_id)
    second = Deed(session, approver(session, shop.town), now, a_request_id())
    actions.confirm_pairing(second, permit_id=asked.permit_id)
    return asked.permit_id


def pairing_code(session: Session, shop: Shop, by: By, *, now: datetime) -> actions.PairingCode:
    """The code with which a kiosk joins a shop, as two people agreed."""
    permit_kiosk(session, shop, by, now=now)
    return actions.make_pairing_code(Deed(session, by, now, a_request_id()), store_id=shop.store_id)


def make_device(
    session: Session, shop: Shop, by: By, *, now: datetime
) -> tuple[queries.Device, bytes]:
    """Pair a kiosk with a shop; return it with its private key."""
    code = pairing_code(session, shop, by, now=now)
    key = wire.new_key()
    paired = actions.pair_device(
        session, community_id=by.community_id, now=now, code=code.code,
        public_key=wire.public_key(key),
    )  # fmt: skip
    return queries.device_of(session, by.community_id, int(paired.device)), key


def leave_at_kiosk(
    session: Session, shop: Shop, device: queries.Device, pieces: int, *, now: datetime
) -> DepositAnnounced:
    """Leave rice at a kiosk, where it waits for a keeper."""
    return announce_deposit(
        Deed(session, by_device(device), now, a_request_id()),
        store_id=shop.store_id,
        lines=(AnnouncedLine(shop.item("大米"), pieces),),
    )


def make_stand(session: Session, *, now: datetime, shop: Shop | None = None) -> Stand:
    """Set up a kiosk, and a volunteer of a household with a paper, who has a card."""
    shop = shop or make_shop(session, make_town(session))
    town = shop.town
    services = make_services(session, town)
    boss = coordinator(session, town)
    volunteer = make_claimant(session, town)
    assert volunteer.person_id is not None
    register(session, town, volunteer.person_id)
    card = make_card(session, town, volunteer.person_id)
    device, key = make_device(session, shop, boss, now=now)
    return Stand(shop, device, key, boss, volunteer, card, services["company"])


def commit_stand(database: Database) -> Stand:
    """Set up the same in its own database."""
    return database.write(lambda session, now: make_stand(session, now=now))


def with_number_hash(session: Session, stand: Stand) -> str:
    """Store the hash of the card's printed number, as early versions did; return it."""
    ref = wire.card_ref(stand.device.secret, stand.card.card_no)
    actions.learn_cards(session, stand.device)
    row = {
        "community_id": stand.device.community_id, "device_id": stand.device.device_id,
        "ref": ref, "card_id": stand.card.id, "person_id": stand.card.person_id,
    }  # fmt: skip
    session.execute(insert(card_ref), [row])
    return ref


def receive(session: Session, stand: Stand, item: wire.BatchItem, *, now: datetime) -> wire.Result:
    """Process one envelope within the test's own unit of work."""
    return receive_event(session, now=now, sender=stand.device, item=item, sent_at=to_us(now))


def fresh(session: Session, stand: Stand) -> queries.Device:
    """The device as it is now."""
    return queries.device_of(session, stand.device.community_id, stand.device.device_id)


def web_for(database: Database) -> Flask:
    """The kiosks' part of the web over a database of the test, and nothing else.

    One at a time: Python 3.11 miscounts when two threads make syntax trees, as the router does.
    """
    with _building:
        app = Flask("web", static_folder=None)
        app.config.update(DATABASE=database, COMMUNITY_ID=1)
        for part in (ground, security, reader, errors):
            part.install(app)
        join(app, PAGES)
    return app


def whole_web_for(database: Database) -> Flask:
    """The whole web, which serves the books too."""
    return create_app({"DATABASE": database, "COMMUNITY_ID": 1, "TESTING": True})


def carry_to(app: Flask) -> Carrier:
    """Carry a kiosk's requests straight into an application, without a network."""

    def carry(call: Call) -> Reply:
        answer = app.test_client().open(
            call.path, method=call.method, data=call.body, headers=dict(call.headers)
        )
        return Reply(answer.status_code, answer.data, dict(answer.headers))

    return carry


def dead_line(call: Call) -> Reply:
    """A carrier without a connection."""
    raise ServerDown("no network")


def make_agent(
    folder: Path, carrier: Carrier, *, clock: Callable[[], datetime] | None = None
) -> Kiosk:
    """The real agent, not paired yet; only the test makes it send."""
    config = Config(data=folder, server="http://nowhere", disk_free_min=0)
    us = (lambda: to_us(clock())) if clock else now_us
    return make_kiosk(config, carrier=carrier, clock=us)


def pair_agent(kiosk: Kiosk, database: Database, stand: Stand) -> None:
    """Pair an agent with the shop of a stand."""
    pair_kiosk(kiosk, code_for(database, stand))


def code_for(database: Database, stand: Stand) -> str:
    """A code for one more kiosk of a stand."""
    return database.write(
        lambda session, now: pairing_code(session, stand.shop, stand.coordinator, now=now)
    ).code
