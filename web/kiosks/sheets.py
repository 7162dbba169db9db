"""The kiosks as a file."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.goods.queries import stores
from timebank.kiosks import may
from timebank.kiosks.queries import devices
from timebank.values import By
from web.formats import own_name
from web.kiosks.work import is_wanted
from web.reader import language
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row
from web.wording import Names

STATES: Names = {
    "active": _l("正常"),
    "frozen": _l("冻结，等人看"),
    "revoked": _l("已停用"),
}


def _kiosks(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    shops = {shop.id: own_name(shop, language()) for shop in stores(session, by.community_id)}
    for one in filter(lambda one: is_wanted(one, asked), devices(session, by.community_id)):
        state = str(STATES.get(one.state, one.state))
        counts = one.head_seq, one.seen_at, one.paired_at
        yield shops[one.store_id], one.epoch, state, one.fingerprint, *counts


KIOSKS = ListSheet(
    name="kiosks", title=_l("自助终端"), page="work.kiosks", right=may.READ_DEVICES, rows=_kiosks,
    kept=("state",),
    headings=(
        _l("店"), _l("第几台"), _l("状况"), _l("指纹"), _l("收到几笔"), _l("最近联系"), _l("配对")
    ),
)  # fmt: skip
