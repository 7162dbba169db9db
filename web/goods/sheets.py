"""Items, shops, lots and deposits as files; and what one gave, or one's firm."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.goods import may
from timebank.goods.queries import (
    Deposit,
    DepositListed,
    Store,
    deposits_in_parts,
    deposits_of,
    deposits_of_person,
    items,
    items_on_shelf,
    lots_of_items,
    pieces_on_hand,
    stores,
    stores_served,
)
from timebank.people.queries import briefs, firms_of, organisations, places
from timebank.values import By
from web import units
from web.formats import own_name
from web.goods.item_words import ITEM_KINDS, STORAGE
from web.goods.store_shelf import Wanted
from web.goods.work_items import WantedItems
from web.people.sight import shown_name
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts
from web.wording import Names
from web.words.common import CHANNELS

ITEMS_AT_ONCE, LOTS_OF_EACH = 50, 100_000
CONDITIONS: Names = {
    "new": _l("全新"),
    "nine_tenths": _l("九成新"),
    "eight_tenths": _l("八成新"),
}
LOTS: Names = {"on_shelf": _l("在架"), "awaiting_cleaning": _l("等消毒")}
DEPOSITS_STATES: Names = {
    "announced": _l("等您送来"),
    "brought": _l("等店管员验收"),
    "received": _l("已收下"),
    "declined": _l("没有收"),
    "lapsed": _l("没有送来"),
}


def _items(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    wanted, on_hand = WantedItems.of(asked), pieces_on_hand(session, by.community_id)
    for one in filter(wanted.fits, items(session, by.community_id)):
        names = one.name_zh, one.name_en, own_name(one, language(), "unit")
        kept = str(ITEM_KINDS[one.kind]), str(STORAGE.get(one.storage, "")), one.shelf_life_days
        counts = _yuan(one.reference_fen), on_hand.get(one.id, 0)
        yield one.barcode, *names, *kept, *counts, one.retired_on


def _yuan(fen: int) -> Decimal:
    """Money in yuan, exact to the fen."""
    return Decimal(fen).scaleb(-2)


def _shops(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    sites = {site.id: site for site in places(session, by.community_id, "store")}
    for shop in stores(session, by.community_id):
        site = sites[shop.place_id]
        kind = _("公益店") if shop.issues_goods else _("接收点")
        yield shop.code, shop.name_zh, shop.name_en, kind, site.address, site.phone, shop.closed_on


def _served(session: Session, by: By, asked: Asked) -> list[Store]:
    """The stores of the reader, or the one that the address names. **Refuses**: ``NotFound``."""
    served, wanted = stores_served(session, by, may.READ_STORE), read_id(asked.get("store"))
    found = [store for store in served if wanted in (None, store.id)]
    if not found:
        raise NotFound(kind="store")
    return found


def _lots(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The lots that the shelf shows, some items at a time."""
    wanted, now = Wanted.of(asked), units.now()
    for shop in _served(session, by, asked):
        own = by.community_id, shop.id
        found = items_on_shelf(session, *own, now=now, only=wanted.only)
        fitting = list(filter(wanted.fits, found))
        for start in range(0, len(fitting), ITEMS_AT_ONCE):
            some = fitting[start : start + ITEMS_AT_ONCE]
            lots = lots_of_items(session, *own, some, now=now, only=wanted.only, most=LOTS_OF_EACH)
            for item in some:
                for lot in lots[item.id].lots if item.id in lots else ():
                    yield (
                        own_name(shop, language()), own_name(item, language()),
                        str(CONDITIONS.get(lot.condition, lot.condition)),
                        str(LOTS.get(lot.state, lot.state)), lot.best_before_on, lot.received_on,
                        lot.on_hand, lot.held, lot.available,
                    )  # fmt: skip


def _deposits(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """The deposits at the reader's stores; donors as the reader may see them."""
    shops = {shop.id: own_name(shop, language()) for shop in _served(session, by, asked)}
    firms = {firm.id: firm.name for firm in organisations(session, by.community_id)}
    read = partial(deposits_in_parts, session, by.community_id, shops, limit=AT_ONCE)
    before = None
    while part := read(before=before):
        people = briefs(
            session, by.community_id, {one.donor_person_id for one in part if one.donor_person_id}
        )
        named = {id_: shown_name(by, brief) for id_, brief in people.items()} | firms
        for one in part:
            donor = named.get(one.donor_person_id or one.donor_organisation_id or 0)
            yield shops[one.store_id], donor, *_deposit(one)
        before = (part[-1].id,)


def _deposit(one: DepositListed) -> Row:
    state = str(DEPOSITS_STATES.get(one.state, one.state))
    channel = str(CHANNELS.get(one.channel, one.channel))
    times = one.announced_at, one.received_at
    return (
        state, channel, *times, one.receipt_no, one.accepted_pieces, one.refused_pieces,
        one.value_yuan,
    )  # fmt: skip


def _mine(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    read = partial(deposits_of_person, session, by.community_id, by.person_id or 0, limit=AT_ONCE)
    for one in in_parts(lambda before: read(before=before), lambda it: (it.id,)):
        yield from _lines(one)


def _of_firm(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """What the reader's firm gave. **Refuses**: ``NotFound`` to who does not speak for it."""
    wanted = read_id(asked.get("firm"))
    mine = [one.id for one in firms_of(session, by) if wanted in (None, one.id)]
    if not mine:
        raise NotFound(kind="organisation")
    read = partial(deposits_of, session, by.community_id, organisation_id=mine[0], limit=AT_ONCE)
    for one in in_parts(lambda before: read(before=before), lambda it: (it.id,)):
        yield from _lines(one)


def _lines(gift: Deposit) -> Iterator[Row]:
    """A deposit, one row for each thing that was brought, or announced."""
    whole = gift.received_at or gift.announced_at, str(DEPOSITS_STATES.get(gift.state, gift.state))
    for told in () if gift.lines else gift.announced:
        yield *whole, gift.receipt_no, own_name(told, language()), told.pieces, *(None,) * 5
    for line in gift.lines:
        counts = line.accepted, line.refused, line.issued, line.on_shelf + line.waiting
        name = own_name(line, language())
        yield *whole, gift.receipt_no, name, line.brought, *counts, line.disposed


_OF_GIFT = (
    _l("时间"), _l("状况"), _l("收据"), _l("物品"), _l("送来件数"), _l("收下件数"),
    _l("没收下件数"), _l("送到邻居手里"), _l("还在店里"), _l("到期处理"),
)  # fmt: skip
ITEMS = ListSheet(
    name="items", title=_l("物品目录"), page="work.items", right=may.READ_CATALOGUE, rows=_items,
    headings=(
        _l("编号"), _l("中文名称"), _l("英文名称"), _l("单位"), _l("种类"), _l("存放"),
        _l("保质期（天）"), _l("参考价（元）"), _l("架上件数"), _l("停收的日子"),
    ),
    kept=("q", "kind", "state"), whole={"state": "all"},
)  # fmt: skip
SHOPS = ListSheet(
    name="shops", title=_l("公益店和接收点"), page="work.shops", right=may.ADD_STORES, rows=_shops,
    headings=(
        _l("代码"), _l("中文名称"), _l("英文名称"), _l("种类"), _l("地址"), _l("电话"),
        _l("关店的日子"),
    ),
)  # fmt: skip
LOTS_LISTED = ListSheet(
    name="shelf", title=_l("货架"), page="store.shelf", right=may.READ_STORE, rows=_lots,
    headings=(
        _l("店"), _l("物品"), _l("新旧"), _l("状况"), _l("保质期至"), _l("收下的日子"),
        _l("件数"), _l("其中预留"), _l("可以发放"),
    ),
    kept=("store", "q", "kind", "only", "item"),
)  # fmt: skip
DEPOSITS = ListSheet(
    name="deposits", title=_l("存入的物品"), page="store.desk", right=may.READ_STORE,
    rows=_deposits, kept=("store",),
    headings=(
        _l("店"), _l("捐赠人"), _l("状况"), _l("从哪里"), _l("登记时间"), _l("收下时间"),
        _l("收据"), _l("收下件数"), _l("没收下件数"), _l("参考价值（元）"),
    ),
)  # fmt: skip
MY_DEPOSITS = ListSheet(
    name="my-deposits", title=_l("我存入的"), page="me.deposit", headings=_OF_GIFT, rows=_mine
)
FIRM = ListSheet(
    name="firm", title=_l("单位对账单"), page="me.firm", headings=_OF_GIFT, rows=_of_firm,
    kept=("firm",),
)  # fmt: skip
