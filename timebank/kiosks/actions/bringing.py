"""A donor opens at a kiosk what they announced at home. Wrong codes are throttled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.aid.rules import (
    KIOSK_WRONG_CODES_MAX,
    WRONG_CODES_WINDOW,
    check_code_shape,
    shut_until,
)
from timebank.db import Database
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.deeds.queries import refusals_since
from timebank.deeds.running import perform
from timebank.errors import NotAllowed, NotFound
from timebank.goods.queries import AnnouncedDeposit, announced_by_code
from timebank.goods.rules import ANNOUNCED
from timebank.kiosks import wire
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.grants import make_deposit_grant
from timebank.kiosks.queries import Device
from timebank.kiosks.refusals import WrongDepositCode
from timebank.people.refusals import TooManyTries
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class AnnouncementFound:
    deposit_id: int


@action("find_announced", counts_refusals=True)
def find_announced(deed: Deed, *, store_id: int, deposit_code: str) -> AnnouncementFound:
    """Find the announced deposit of a code, which was announced for this store.

    **Refuses**: ``NotAllowed`` to all but a kiosk; ``BadInput`` for what is no code;
    ``WrongDepositCode``, after several ``TooManyTries``.
    """
    if deed.by.channel != "kiosk":
        raise NotAllowed(deed="find_announced")
    check_code_shape(deposit_code)
    tries = refusals_since(
        deed.session, deed.by, name="find_announced", code=WrongDepositCode.code,
        since=deed.now - WRONG_CODES_WINDOW,
    )  # fmt: skip
    until = shut_until(tries, deed.now, most=KIOSK_WRONG_CODES_MAX)
    if until is not None:
        raise TooManyTries(until_at=until.isoformat())
    found = _announced(deed.session, deed.by.community_id, deposit_code)
    if found is None or found.store_id != store_id or not _is_open(found, deed.now):
        raise WrongDepositCode()
    return AnnouncementFound(found.id)


def _announced(session: Session, community_id: int, code: str) -> AnnouncedDeposit | None:
    try:
        return announced_by_code(session, community_id, code)
    except NotFound:
        return None


def _is_open(found: AnnouncedDeposit, now: datetime) -> bool:
    is_late = found.valid_until_on is not None and found.valid_until_on < local_day(now)
    return found.state == ANNOUNCED and not is_late


def find_deposit(
    database: Database, device: Device, request: wire.DepositAsked, *, request_id: str
) -> wire.DepositFound:
    """The announced goods of a code, and the server's word that it was right.

    **Refuses**: ``BadInput`` for what is no code; ``TooManyTries``.
    """
    try:
        receipt = perform(
            database, find_announced, by=by_device(device), request_id=request_id,
            store_id=device.store_id, deposit_code=request.deposit_code,
        )  # fmt: skip
    except WrongDepositCode:
        return wire.DepositFound()
    with database.reading() as session:
        now = database.clock()
        found = _announced(session, device.community_id, request.deposit_code)
        if found is None or found.id != receipt.deposit_id:
            return wire.DepositFound()  # It was judged a moment ago.
        grant = make_deposit_grant(session, device, found.id, now=now)
    lines = (wire.BroughtLine(line.item_id, line.described, line.pieces) for line in found.lines)
    return wire.DepositFound(found.id, tuple(lines), grant)
