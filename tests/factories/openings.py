"""Openings of sealed data, as a member of staff opens them one after the other."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.people.actions.reveal import open_sealed
from timebank.values import By

REASON = "打电话通知她来取物品"
BUDGET = 15  # Of a grid worker.


def open_as(
    session: Session, by: By, now: datetime, person_id: int, *, times: int = 1
) -> list[Any]:
    deed = Deed(session, by, now)
    asked = {"person_id": person_id, "columns": ("phone",), "reason": REASON}
    return [open_sealed(deed, **asked) for _ in range(times)]
