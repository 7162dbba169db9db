"""The trial balance of a day as a file: one row for each kind of account and commodity."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.goods.queries import items
from timebank.sealing import may
from timebank.sealing.history import end_of_day, trial_balance
from timebank.values import FEN, MINUTES, SERVED, By
from web import formats, units
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_past_day
from web.sealing.work import COMMODITIES
from web.sheets import Asked, ListSheet, Row
from web.subjects import gathered
from web.wording import Names

# Each number is in the smallest unit of what it counts.
COUNTED: Names = {
    **COMMODITIES,
    MINUTES: _l("时间（分钟）"),
    SERVED: _l("累计服务（分钟）"),
    FEN: _l("资金（分）"),
}


def _books(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    on = read_past_day(asked.get("on"), units.today())
    names = {
        f"pieces:{item.id}": formats.own_name(item, language())
        for item in items(session, by.community_id)
    } | {code: str(word) for code, word in COUNTED.items()}
    for line in trial_balance(
        session, by.community_id, units.now() if on is None else end_of_day(on)
    ):
        account = str(gathered().accounts.get(line.kind, line.kind))
        counts = line.accounts, line.posted_in, line.posted_out, line.posted, line.pending_out
        yield names.get(line.commodity_code, line.commodity_code), account, *counts


BOOKS = ListSheet(
    name="books", title=_l("试算平衡表"), page="work.books", right=may.READ_BOOKS, kept=("on",),
    headings=(
        _l("记什么"), _l("账户"), _l("户数"), _l("转入"), _l("转出"), _l("账面余额"), _l("预留")
    ),
    rows=_books,
)  # fmt: skip
