"""Announced goods are brought to a kiosk: from then on they wait there for the keeper."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound, WrongState
from timebank.goods.actions.clearing import put_in_clearing
from timebank.goods.refusals import PreDepositLapsed
from timebank.goods.rules import ANNOUNCED, BROUGHT, LAPSED, AnnouncedLine
from timebank.goods.tables import announced_line, deposit
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class DepositLeft:
    """What was announced lies in front of a kiosk."""

    deposit_id: int
    state: str
    code: str


@action("bring_deposit")
def bring_deposit(
    deed: Deed, *, store_id: int, deposit_id: int, happened_at: datetime | None = None
) -> DepositLeft:
    """Note that announced goods were left at a kiosk; the keeper judges them piece by piece.

    From now on the deposit is one of this kiosk, as if it had been listed there.

    **Refuses**: ``NotAllowed`` to all but a kiosk; ``NotFound``, also for another store;
    ``PreDepositLapsed`` after its last day; ``WrongState`` if it was brought or judged already.
    """
    if deed.by.channel != "kiosk" or deed.by.device_id is None:
        raise NotAllowed(deed="bring_deposit")
    own = (deposit.c.community_id == deed.community_id) & (deposit.c.id == deposit_id)
    row = deed.session.execute(select(deposit).where(own).with_for_update(key_share=True)).first()
    if row is None or row.store_id != store_id:
        raise NotFound(kind="deposit")
    at = min(happened_at or deed.now, deed.now)
    if row.state == LAPSED or (row.state == ANNOUNCED and row.valid_until_on < local_day(at)):
        raise PreDepositLapsed(last_on=row.valid_until_on.isoformat())
    if row.state != ANNOUNCED:
        raise WrongState(kind="deposit", state=row.state)
    device_id = deed.by.device_id
    left = {"state": BROUGHT, "channel": "kiosk", "device_id": device_id, "announced_at": at}
    deed.session.execute(update(deposit).where(own).values(**left))
    put_in_clearing(deed, _lines(deed, deposit_id), device_id=device_id, happened_at=at)
    audit(
        deed,
        name="bring_deposit",
        subject_kind="deposit",
        subject_id=deposit_id,
        facts={"announced_at": row.announced_at.isoformat()},
    )
    return DepositLeft(deposit_id, BROUGHT, row.code)


def _lines(deed: Deed, deposit_id: int) -> list[AnnouncedLine]:
    rows = deed.session.execute(
        select(announced_line.c.item_id, announced_line.c.pieces).where(
            announced_line.c.community_id == deed.community_id,
            announced_line.c.deposit_id == deposit_id,
        )
    )
    return [AnnouncedLine(item_id=row.item_id, pieces=row.pieces) for row in rows]
