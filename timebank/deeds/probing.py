"""Write one row, to see that a commit reaches the disk. It is no deed, and leaves no trace."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.deeds.tables import health_probe


def write_probe(session: Session, now: datetime) -> None:
    """Write the row of ``/healthz``.

    Each time it gets another value: SQLite writes nothing where nothing changes.
    """
    insert_new(session, health_probe, [{"id": 1, "writes": 0}])
    session.execute(update(health_probe).values(writes=health_probe.c.writes + 1))
