"""The parts of one kiosk, and how it is paired with a shop. Not here: its pages."""

import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Config
from kiosk.known import LocalSnapshot
from kiosk.outbox import NewEvent, Outbox
from kiosk.server import Carrier, HttpCarrier, ServerConnection
from kiosk.store import Identity, write_key
from kiosk.sync import Sync
from kiosk.visit import Visit, Visits
from kiosk.words import load_catalogues
from timebank.kiosks import wire


@dataclass(slots=True)
class Kiosk:
    """All parts of one kiosk, as the pages use them."""

    config: Config
    outbox: Outbox
    line: ServerConnection
    sync: Sync
    known: LocalSnapshot
    visits: Visits
    catalogues: dict[str, dict[str, str]]
    clock: Callable[[], int]

    @property
    def is_disk_fit(self) -> bool:
        """Tell whether the disk has room for a whole task, so that none fails at its end."""
        return shutil.disk_usage(self.config.data).free >= self.config.disk_free_min


def now_us() -> int:
    return time.time_ns() // 1000


def make_kiosk(
    config: Config, *, carrier: Carrier | None = None, clock: Callable[[], int] = now_us
) -> Kiosk:
    """Open the outbox and connect the parts. Nothing is sent yet."""
    outbox = Outbox(config.data, clock=clock)
    line = ServerConnection(
        carrier=carrier or HttpCarrier(config.server, config.patience_seconds),
        folder=config.data,
    )
    kiosk = Kiosk(
        config=config,
        outbox=outbox,
        line=line,
        sync=Sync(outbox, line, clock=clock),
        known=LocalSnapshot(outbox),
        visits=Visits(time.monotonic, seconds=lambda one: _lives(config, one)),
        catalogues=load_catalogues(),
        clock=clock,
    )
    line.count_waiting = lambda: kiosk.outbox.count_waiting()
    return kiosk


def _lives(config: Config, visit: Visit) -> int:
    return config.visit_seconds(more_time=visit.more_time)


def start(kiosk: Kiosk) -> None:
    """Record the start of the device as an event, and start sending."""
    if kiosk.outbox.identity is not None and not kiosk.outbox.is_key_lost:
        body = wire.DeviceStarted(sqlite=kiosk.outbox.sqlite, journal=kiosk.outbox.journal)
        kiosk.outbox.record(NewEvent(new_event_id(), body, visit_id=""))
    kiosk.sync.start()


def new_event_id() -> str:
    """Create the id of an event."""
    return str(uuid.uuid4())


def pair_kiosk(kiosk: Kiosk, code: str) -> Identity:
    """Create a key, send its public half with the code, and adopt the new identity.

    If the answer to an earlier attempt was lost, send the same key again: the code still works.
    """
    key = kiosk.outbox.unused_key() or wire.new_key()
    write_key(kiosk.config.data, key)
    paired = kiosk.line.pair(wire.tidy_code(code), wire.public_key(key))
    identity = Identity(
        device=paired.device, epoch=paired.epoch, store_code=paired.store_code,
        store_zh=paired.store_zh, store_en=paired.store_en, card_key=paired.card_key,
        fingerprint=paired.fingerprint,
    )  # fmt: skip
    # Store the seal key first: an identity without it would accept any books.
    kiosk.outbox.remember(f"seal-key:{identity.device}", paired.seal_key.encode())
    kiosk.outbox.adopt(identity)
    kiosk.outbox.snapshot_version = ""
    kiosk.sync.pair_again()
    return identity
