"""The periodic jobs that the subjects declare, run by a thread of the server.

Each job looks for what is due. It is safe at any time, twice, and in two processes at once. The
server runs all jobs every few minutes; ``timebank tidy`` runs them once.
"""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from timebank.db import Busy, Database
from timebank.deeds.deed import Deed
from timebank.deeds.queries import communities
from timebank.ledger.expiry import AT_ONCE, HoldsExpired, expire_holds
from timebank.subject import Job, Subject
from timebank.subjects import subjects
from timebank.values import By, Role, to_us

PERIOD_SECONDS = 300.0
_log = logging.getLogger("timebank.jobs")


def jobs_of(declared: Iterable[Subject], *, holds_at_once: int = AT_ONCE) -> tuple[Job, ...]:
    """List the jobs of the subjects, and last the one that ends holds past their deadline.

    It leaves alone the holds that a subject ends itself, such as those of claims.
    """
    declared = tuple(declared)
    own_holds = tuple(kind for subject in declared for kind in subject.own_holds)

    def end_holds(deed: Deed) -> HoldsExpired:
        return expire_holds(
            deed.session,
            deed.community_id,
            now=deed.now,
            limit=holds_at_once,
            left_alone=own_holds,
        )

    last = Job(name="end_holds", action=end_holds, is_more=lambda receipt: receipt.is_more)
    return (*(job for subject in declared for job in subject.jobs), last)


def run_jobs(database: Database, jobs: Iterable[Job] | None = None) -> int:
    """Run every job in every community; return how many ran.

    A job that fails does not stop the others. All failures are raised at the end, as a group.
    """
    jobs = jobs_of(subjects()) if jobs is None else tuple(jobs)
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
        for job in jobs:
            try:
                _run_whole(database, job, by)
            except Exception as fault:
                fault.add_note(f"{job.name} in community {community_id}")
                faults.append(fault)
    database.learn_sizes()
    if faults:
        raise ExceptionGroup("some jobs failed", faults)
    return len(served) * len(jobs)


def _run_whole(database: Database, job: Job, by: By) -> None:
    """Run a job until nothing more is due."""
    if job.alone is not None:
        job.alone(database, by)
        return
    while database.write(partial(_run, job=job, by=by)):
        pass


def _run(session: Session, now: datetime, *, job: Job, by: By) -> bool:
    """Run a job once; tell whether more is due."""
    assert job.action is not None, job.name
    receipt = job.action(Deed(session, by, now, f"{job.name}-{to_us(now)}"))
    return job.is_more(receipt)


def keep_running(database: Database, stopped: threading.Event) -> None:
    """Run the jobs until ``stopped`` is set; if the database is busy, the next run tries again."""
    while not stopped.wait(PERIOD_SECONDS):
        try:
            run_jobs(database)
        except* Busy:
            _log.warning("the database was busy; the next run will do it")
        except* Exception:
            # A fault must not stop the thread: log it and wait for the next run.
            _log.exception("a job failed")
