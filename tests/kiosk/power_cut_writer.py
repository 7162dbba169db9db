"""A kiosk that records events as fast as it can, and prints each one once it is saved.

Run by ``test_power_cut.py``: ``power_cut_writer.py FOLDER SYNCHRONOUS JOURNAL``.
"""

import sys
import time
import uuid
from pathlib import Path
from typing import ClassVar

from kiosk import store
from kiosk.outbox import NewEvent, Outbox
from kiosk.store import Identity, write_key
from timebank.kiosks import wire


def outbox_with(synchronous: str) -> type[Outbox]:
    class Told(Outbox):
        PRAGMAS: ClassVar[dict[str, str]] = {"synchronous": synchronous}

    return Told


def main(folder: Path, synchronous: str, journal: str) -> None:
    store.journal_for = lambda version: journal
    outbox = outbox_with(synchronous)(folder, clock=lambda: time.time_ns() // 1000)
    name = write_key(folder, wire.new_key())
    outbox.adopt(Identity("7", 1, "S1", "店", "Shop", wire.to_text(b"k" * 32), name))
    while True:
        kept = outbox.record(NewEvent(str(uuid.uuid4()), wire.BalanceViewed(), "visit"))
        sys.stdout.write(f"{kept.event_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
