"""A process that seals in small turns without end, to be killed at any moment."""

import time
from typing import Any

from tests.factories.sealing import SIGNER
from timebank.db import Database
from timebank.sealing import actions
from timebank.sealing.actions import seal


def run(url: str, is_torn: bool = False) -> None:
    """Seal what waits, a few entries a turn; torn, leaves and queue are two units of work."""
    database = Database(url)
    if is_torn:
        _tear(database)
    while True:
        done = database.write(
            lambda session, now: seal(session, 1, now=now, signer=SIGNER, limit=3)
        )
        if not done.count:
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
