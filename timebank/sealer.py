"""Sealing of the log in every community, by a thread of the server and by ``timebank seal``."""

import logging
import math
import threading
import time
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from timebank.db import Busy, Database
from timebank.deeds.queries import communities
from timebank.ledger.entries import is_anything_waiting
from timebank.sealing.actions import LIMIT, SealingStopped, seal
from timebank.sealing.keys import Signer

SEALING_SECONDS = 3.0
SEALING_SHARE = 0.05  # Share of the time between two runs: writers come first, the rest waits.
STOPPED_SECONDS = 300.0  # Pause after a fault that does not pass by itself.
_log = logging.getLogger("timebank.sealer")


def seal_all(database: Database, signer: Signer, *, seconds: float = math.inf) -> int:
    """Seal what waits in every community; return the number of entries. Raises ``SealingStopped``.

    A community that another process is sealing is skipped. Entries posted meanwhile wait for the
    next run; otherwise a busy hour would be sealed entry by entry without an end. After
    ``seconds`` no further part is begun, though each community gets one. A stopped community does
    not stop the others.
    """
    end = time.monotonic() + seconds
    with database.reading() as session:
        waiting = [
            community.id
            for community in communities(session)
            if is_anything_waiting(session, community.id)
        ]
    count, stopped = 0, None
    for community_id in waiting:
        done = LIMIT
        try:
            while done == LIMIT:
                done = database.write(partial(_seal, community_id=community_id, signer=signer))
                count += done
                if time.monotonic() >= end:
                    break
        except SealingStopped as why:
            stopped = stopped or why
    if stopped is not None:
        raise stopped
    return count


def _seal(session: Session, now: datetime, *, community_id: int, signer: Signer) -> int:
    return seal(session, community_id, now=now, signer=signer).count


def keep_sealing(database: Database, signer: Signer, stopped: threading.Event) -> None:
    """Seal every few seconds until ``stopped`` is set; log a fault and try again."""
    pause = SEALING_SECONDS
    while not stopped.wait(pause):
        try:
            seal_all(database, signer, seconds=SEALING_SECONDS * SEALING_SHARE)
            pause = SEALING_SECONDS
        except Busy:
            _log.warning("the database was busy; the next run will seal")
        except SealingStopped as why:
            # Do not repeat the same log line every few seconds.
            _log.error("sealing stopped, the books were changed: %s", why)
            pause = STOPPED_SECONDS
        except Exception:
            _log.exception("sealing went wrong")
            pause = STOPPED_SECONDS
