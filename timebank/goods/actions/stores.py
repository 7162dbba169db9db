"""Open a shop or donation point at a new site, close one, and open it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.goods import may
from timebank.goods.actions.catalogue import NewStore, add_stores
from timebank.goods.actions.taking_up import lock_catalogue
from timebank.goods.refusals import StoreInUse
from timebank.goods.rules import ISSUES_GOODS
from timebank.goods.tables import IS_OPEN, deposit, stock_total, store
from timebank.people.actions import NewPlace, add_places
from timebank.people.queries import places
from timebank.values import local_day

NOTE_MAX = 200


@dataclass(frozen=True, slots=True)
class StoreOpened:
    store_id: int
    place_id: int


@dataclass(frozen=True, slots=True)
class StoreClosed:
    store_id: int
    closed_on: date | None


@action("open_store")
def open_store(
    deed: Deed,
    *,
    name_zh: str,
    name_en: str,
    code: str,
    kind: str = ISSUES_GOODS,
    address: str = "",
    phone: str = "",
) -> StoreOpened:
    """Open a shop or a donation point at a site of its own; its code begins every receipt number.

    **Refuses**: ``NotAllowed`` to all but the coordinator; ``BadInput`` with the field.
    """
    may.ADD_STORES.require_everywhere(deed.by)
    lock_catalogue(deed)
    known = places(deed.session, deed.community_id, "store")
    number = 1 + max((site.number for site in known), default=0)
    site = NewPlace(
        kind="store", number=number, name_zh=name_zh.strip(), name_en=name_en.strip(),
        address=address.strip(), phone=phone.strip(),
    )  # fmt: skip
    (place_id,) = add_places(deed, places=(site,)).place_ids
    new = NewStore(place_id=place_id, code=code.strip().upper(), kind=kind)
    try:
        (store_id,) = add_stores(deed, stores=(new,)).store_ids
    except BadInput as refusal:  # It names the line of a list; here there is only one.
        field = str(refusal.facts["field"]).rpartition(".")[2]
        raise BadInput(field=field, why=refusal.facts["why"]) from None
    return StoreOpened(store_id, place_id)


def shut_store(deed: Deed, *, store_id: int, note: str, kiosks: Callable[[], int]) -> StoreClosed:
    """Close a shop in which nothing is left. The deed is in ``kiosks``: they stand in shops.

    ``kiosks`` counts those that stand there; it is asked once the shop is locked.

    **Refuses**: ``NotAllowed`` to all but the coordinator; ``NotFound``; ``BadInput`` without a
    reason; ``WrongState`` if it is closed; ``StoreInUse`` with goods in it or on their way to it.
    """
    may.ADD_STORES.require_everywhere(deed.by)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    closed_on = _store_taken(deed, store_id)
    if closed_on is not None:
        raise WrongState(kind="store", state="closed")
    of_store = (stock_total.c.community_id == deed.community_id, stock_total.c.store_id == store_id)
    pieces = deed.session.scalar(select(func.sum(stock_total.c.pieces)).where(*of_store))
    if pieces:
        raise StoreInUse(pieces=int(pieces))
    coming = select(func.count()).where(
        deposit.c.community_id == deed.community_id, deposit.c.store_id == store_id, IS_OPEN
    )
    if deposits := deed.session.scalar(coming):
        raise StoreInUse(deposits=deposits)
    if standing := kiosks():
        raise StoreInUse(kiosks=standing)
    return _write(deed, store_id, local_day(deed.now), note=note)


@action("reopen_store")
def reopen_store(deed: Deed, *, store_id: int, note: str) -> StoreClosed:
    """Open a closed shop again. **Refuses**: as its closing."""
    may.ADD_STORES.require_everywhere(deed.by)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    if _store_taken(deed, store_id) is None:
        raise WrongState(kind="store", state="open")
    return _write(deed, store_id, None, note=note)


def _store_taken(deed: Deed, store_id: int) -> date | None:
    """Lock a shop, so that nothing is taken in meanwhile; return since when it is closed.

    **Refuses**: ``NotFound``.
    """
    row = deed.session.execute(
        select(store.c.closed_on)
        .where(store.c.community_id == deed.community_id, store.c.id == store_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="store")
    closed_on: date | None = row.closed_on
    return closed_on


def _write(deed: Deed, store_id: int, closed_on: date | None, *, note: str) -> StoreClosed:
    deed.session.execute(
        update(store)
        .where(store.c.community_id == deed.community_id, store.c.id == store_id)
        .values(closed_on=closed_on)
    )
    name = "close_store" if closed_on else "reopen_store"
    facts = {"reason": note.strip()[:NOTE_MAX]}
    audit(deed, name=name, subject_kind="store", subject_id=store_id, facts=facts)
    return StoreClosed(store_id, closed_on)
