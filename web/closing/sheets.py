"""The signed day sheets as a file: one row a day."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.orm import Session

from timebank.closing import may
from timebank.closing.queries import sheets_of
from timebank.goods.queries import stores_served
from timebank.values import By
from web.closing.signers import signers_of
from web.formats import own_name
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id
from web.sheets import AT_ONCE, Asked, ListSheet, Row, in_parts


def _days(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    signers, wanted = signers_of(session, by), read_id(asked.get("store"))
    for shop in stores_served(session, by, may.READ_DAY):
        if wanted not in (None, shop.id):
            continue
        read = partial(sheets_of, session, by.community_id, shop.id, limit=AT_ONCE)
        for one in in_parts(lambda before, read=read: read(before=before), lambda it: (it.no,)):
            who = signers.name(one.closed_person_id)
            yield own_name(shop, language()), one.no, one.day, one.closed_at, who, one.digest


DAYS = ListSheet(
    name="days", title=_l("签过字的日结单"), page="store.day", right=may.READ_DAY, kept=("store",),
    headings=(
        _l("店"), _l("第几张"), _l("日子"), _l("签字时间"), _l("谁签的字"), _l("校验码")
    ),
    rows=_days,
)  # fmt: skip
