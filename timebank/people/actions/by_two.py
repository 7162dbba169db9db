"""What the deeds of two people share: what one of staff asked for waits until the evening.

The tables have the columns that ``queries/by_two.py`` names.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.values import local_day, local_instant


def evening_of(now: datetime) -> datetime:
    """Until when the second person can do today what was asked for."""
    return local_instant(local_day(now), 23, 59)


def require_not_asked(deed: Deed, of: Table, second: str, *whose: ColumnElement[bool]) -> None:
    """**Refuses**: ``WrongState`` if somebody has asked for the same thing already."""
    waiting = select(of.c.id).where(
        of.c.community_id == deed.community_id,
        *whose,
        of.c[f"{second}_at"].is_(None),
        of.c.until_at > deed.now,
    )
    if deed.session.scalar(waiting.limit(1)) is not None:
        raise WrongState(kind=str(of.name), state="asked")


def take_asked(deed: Deed, of: Table, asked_id: int) -> Any:
    """Read and lock what was asked for. **Refuses**: ``NotFound``."""
    row = deed.session.execute(
        select(of)
        .where(of.c.community_id == deed.community_id, of.c.id == asked_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind=str(of.name))
    return row
