"""The periodic jobs and the sealing of the log, run by threads of the server.

Each job looks for what is due. It is safe at any time, twice, and in two processes at once. The
server runs all jobs every few minutes; ``timebank tidy`` runs them once. Sealing runs every few
seconds.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from timebank.aid.actions import lapse_claims, sweep_expired
from timebank.aid.actions.holding import CLAIM_HOLDS
from timebank.db import Busy, Database
from timebank.deeds.action import action, name_of
from timebank.deeds.deed import Deed
from timebank.deeds.queries import communities
from timebank.goods.actions import lapse_announcements
from timebank.ledger.entries import is_anything_waiting
from timebank.ledger.expiry import HoldsExpired, expire_holds
from timebank.sealing.actions import LIMIT, SealingStopped, seal
from timebank.sealing.keys import Signer
from timebank.values import By, Role, to_us

PERIOD_SECONDS = 300.0
SEALING_SECONDS = 3.0
SEALING_SHARE = 0.05  # Of the time between two beats: writers come first, what is left waits.
_log = logging.getLogger("timebank.clockwork")


@action("end_holds")
def end_holds(deed: Deed) -> HoldsExpired:
    """Let go of what was set aside and not fetched, but for claims: those lapse by their own."""
    return expire_holds(deed.session, deed.community_id, now=deed.now, left_alone=CLAIM_HOLDS)


DEEDS: tuple[Callable[..., Any], ...] = (
    lapse_claims, lapse_announcements, sweep_expired, end_holds,
)  # fmt: skip


def tick(database: Database) -> int:
    """Run every job in every community; return how many ran.

    A job that fails does not stop the others. All failures are raised at the end, as a group.
    """
    with database.reading() as session:
        served = [community.id for community in communities(session)]
    faults: list[Exception] = []
    for community_id in served:
        by = By(
            community_id=community_id,
            client="job:clockwork",
            channel="job",
            roles=frozenset({Role("coordinator")}),
        )
        for job in DEEDS:
            try:
                while database.write(partial(_do, job=job, by=by)):
                    pass
            except Exception as fault:
                fault.add_note(f"{name_of(job)} in community {community_id}")
                faults.append(fault)
    database.learn_sizes()
    if faults:
        raise ExceptionGroup("the clockwork could not do all that is due", faults)
    return len(served) * len(DEEDS)


def _do(session: Session, now: datetime, *, job: Callable[..., Any], by: By) -> bool:
    """Do it once; tell whether it left more that is due."""
    done = job(Deed(session, by, now, f"{name_of(job)}-{to_us(now)}"))
    return isinstance(done, HoldsExpired) and done.is_more


def keep_ticking(database: Database, stopped: threading.Event) -> None:
    """Tick until ``stopped`` is set; if the database is busy, the next tick tries again."""
    while not stopped.wait(PERIOD_SECONDS):
        try:
            tick(database)
        except* Busy:
            _log.warning("the database was busy; the next tick will do it")
        except* Exception:
            # A fault must not stop the thread: log it and wait for the next tick.
            _log.exception("a tick went wrong")


def seal_all(database: Database, signer: Signer, *, seconds: float = math.inf) -> int:
    """Seal what waits in every community; return the number of entries. Raises ``SealingStopped``.

    A community that another process is sealing is skipped. Entries posted meanwhile wait for the
    next run; otherwise a busy hour would be sealed entry by entry without an end. After
    ``seconds`` no further part is begun, though each community gets one. A stopped community does
    not stop the others.
    """
    end = time.monotonic() + seconds
    with database.reading() as session:
        waiting = [one.id for one in communities(session) if is_anything_waiting(session, one.id)]
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
            _log.warning("the database was busy; the next beat will seal")
        except SealingStopped as why:
            # Do not repeat the same log line every few seconds.
            _log.error("sealing stopped, the books were changed: %s", why)
            pause = PERIOD_SECONDS
        except Exception:
            _log.exception("sealing went wrong")
            pause = PERIOD_SECONDS
