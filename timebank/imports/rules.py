"""How long a sheet waits, and in which state a batch is. Pure."""

from datetime import datetime, timedelta
from typing import Any, Literal

BatchState = Literal[
    "columns", "faulty", "waiting", "over", "booked", "undo_asked", "undone", "withdrawn"
]
# So long the rows of a sheet wait, sealed, for the second person. Source: our own proposal.
STAGED_LIFE = timedelta(days=3)
# So long a batch can be taken back, if nothing was built on it. Source: our own proposal.
UNDO_LIFE = timedelta(days=30)
FILE_NAME_MAX = 120
REASON_MAX = 200


def batch_state(row: Any, now: datetime) -> BatchState:
    """The state of a batch, from the columns of its row."""
    if row.undone_at is not None:
        return "undone"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.booked_at is not None:
        return "booked" if row.undo_asked_at is None else "undo_asked"
    if row.forgotten_at is not None or row.until_at <= now:
        return "over"
    if row.fault_count is None:
        return "columns"
    return "faulty" if row.fault_count else "waiting"
