"""Balances as they stood at a checkpoint, kept for statements of a past day."""

from collections.abc import Iterable

from sqlalchemy import Connection


def take_snapshots(
    connection: Connection, community_id: int, account_ids: Iterable[int], log_size: int
) -> None:
    """Keep how the accounts stood when the log had ``log_size`` leaves."""
