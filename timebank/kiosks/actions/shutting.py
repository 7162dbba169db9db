"""Close a shop: nothing may be left in it, and no kiosk may stand there."""

from sqlalchemy import func, select

from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.goods.actions import StoreClosed, shut_store
from timebank.kiosks.rules import REVOKED
from timebank.kiosks.tables import device


@action("close_store")
def close_store(deed: Deed, *, store_id: int, note: str) -> StoreClosed:
    """Close a shop or a donation point from today on; its history stays.

    **Refuses**: as ``shut_store``; ``StoreInUse`` while a kiosk of it is not revoked.
    """
    standing = select(func.count()).where(
        device.c.community_id == deed.community_id,
        device.c.store_id == store_id,
        device.c.state != REVOKED,
    )

    def kiosks() -> int:
        return deed.session.scalar(standing) or 0

    return shut_store(deed, store_id=store_id, note=note, kiosks=kiosks)
