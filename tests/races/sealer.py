"""Processes that seal in small turns without end, to be killed at any moment."""

import random
import time
from typing import Any

from tests.factories.sealing import SIGNER
from tests.races.racing import address, nursery, open_in_a_child, patiently
from timebank.db import Database
from timebank.sealing import actions
from timebank.sealing.actions import seal


def run(url: str, is_torn: bool = False) -> None:
    """Seal what waits, a few entries a turn; torn, leaves and queue are two units of work."""
    database = open_in_a_child(url)
    if is_torn:
        _tear(database)

    def work(session: Any, now: Any) -> int:
        return seal(session, 1, now=now, signer=SIGNER, limit=3).count

    while True:
        if not patiently(database, lambda: database.write(work)):
            time.sleep(0.01)


def _tear(database: Database) -> None:
    """Take entries off the queue in a unit of its own, before they are written: the control."""

    def end_elsewhere(connection: Any, community_id: int, names: Any) -> None:
        later.extend(names)

    later: list[Any] = []
    whole, end = actions._leaves, actions.end_waiting

    def commit_early(community_id: int, names: Any, found: Any) -> Any:
        session = sessions[-1]
        end(session.connection(), community_id, names)
        session.commit()  # The unit ends here; what follows is another.
        time.sleep(0.02)
        return whole(community_id, names, found)

    sessions: list[Any] = []
    take = actions._take_head

    def remember(session: Any, community_id: int) -> Any:
        sessions.append(session)
        return take(session, community_id)

    actions._take_head, actions._leaves = remember, commit_early  # type: ignore[assignment]
    actions.end_waiting = end_elsewhere


class Sealers:
    """The processes that seal, each started again as often as it is killed."""

    def __init__(self, database, count, *, is_torn=False):
        self.told = (address(database), is_torn)
        self.running = [self._start() for _ in range(count)]
        self.ended_alone = 0

    def _start(self):
        worker = nursery.Process(target=run, args=self.told)
        worker.start()
        return worker

    def kill_one(self, *, again=True):
        worker = self.running.pop(random.randrange(len(self.running)))
        worker.kill()
        worker.join()
        self.ended_alone += worker.exitcode != -9
        if again:
            self.running.append(self._start())

    def stop(self):
        while self.running:
            self.kill_one(again=False)
