"""Write one row, to see that a commit reaches the disk. It is no deed, and leaves no trace."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.deeds.tables import health_probe

_ROW = 1


def write_probe(session: Session, now: datetime) -> None:
    """Write the row of ``/healthz``."""
    insert_new(session, health_probe, [{"id": _ROW, "at": now}])
    session.execute(update(health_probe).values(at=now))
