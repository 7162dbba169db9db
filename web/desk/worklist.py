"""Shortfalls on the worklist: recorded facts that exceeded an account."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.desk.shortfalls import (
    SETTLE,
    WRITE_OFF,
    may_settle,
    may_write_off,
    settle_shortfall,
)
from timebank.goods.queries import items
from timebank.ledger.shortfalls import Lacking, shortfall_of
from timebank.people.queries import PersonBrief, briefs
from timebank.values import FEN, MINUTES, SERVED, By, pieces_of
from web import formats
from web.cases import Button, CaseDeed, Row, WorkCase, WorkFace, event, who_and_where
from web.desk.forms import ShortfallForm
from web.formats import own_name
from web.reader import LazyString, language
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

_WORD = _l("差额")
# The owner of the account with the shortfall, by kind; others belong to the community.
ACCOUNTS: Mapping[str, LazyString] = {
    "person": _l("时间存折"),
    "household": _l("家庭的额度"),
    "lot": _l("货架上的一批"),
    "pool": _l("社区公共池"),
}


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    shortfall = shortfall_of(session, by.community_id, waiting.id)
    counted = [_counted(lack.commodity_code, lack.quantity) for lack in shortfall.lacking]
    case = WorkCase(
        one=waiting, heading=" · ".join([str(_WORD), *dict.fromkeys(counted)][:3]), facts=shortfall
    )
    case.line = who_and_where(waiting)
    is_short = any(lack.is_giving for lack in shortfall.lacking)
    what = _("事情已经办了，账上却不够") if is_short else _("事情已经办了，账上却放不下")
    case.notice = (what, _why_short(shortfall.lacking), "goods")
    owners = [lack.owner_id for lack in shortfall.lacking if lack.account_kind == "person"]
    people = briefs(session, by.community_id, owners) if owners else {}
    named = {
        pieces_of(item.id): own_name(item, language()) for item in items(session, by.community_id)
    }
    rows = [_lack_row(lack, people, named) for lack in shortfall.lacking]
    case.sections = [(_("差在哪里"), rows)]
    case.timeline = [
        event(shortfall.happened_at, _("当时办的")),
        event(shortfall.found_at, _("入账，社区先垫着")),
    ]  # fmt: skip
    may = {
        SETTLE: may_settle(session, by, shortfall), WRITE_OFF: may_write_off(session, by, shortfall)
    }  # fmt: skip
    case.may = frozenset(how for how, is_allowed in may.items() if is_allowed)
    return case


def _why_short(lacking: Sequence[Lacking]) -> str:
    if all(lack.is_giving for lack in lacking):
        return _("缺的部分先记在社区的暂挂账上，等人决定由谁承担。")
    if not any(lack.is_giving for lack in lacking):
        return _("放不下的部分先记在社区的暂挂账上，等人决定归谁。")
    return _("缺的和放不下的都先记在社区的暂挂账上，等人决定。")


def _lack_row(lack: Lacking, people: dict[int, PersonBrief], named: Mapping[str, str]) -> Row:
    """The owner or kind of an account, and the amount that it lacked."""
    owner = people.get(lack.owner_id) if lack.account_kind == "person" else None
    whose = owner.masked_name if owner else named.get(lack.commodity_code, "")
    kind = str(ACCOUNTS.get(lack.account_kind, _("社区的账")))
    count = _counted(lack.commodity_code, lack.quantity)
    much = _("缺 %(count)s", count=count) if lack.is_giving else _("多 %(count)s", count=count)
    return kind, " · ".join(part for part in (much, whose) if part)


def _counted(commodity_code: str, quantity: int) -> str:
    lang = language()
    if commodity_code in (MINUTES, SERVED):
        return formats.minutes(quantity, lang)
    if commodity_code == FEN:
        return formats.fen(quantity, lang)
    if commodity_code.startswith("pieces:"):
        return formats.pieces(quantity, lang)
    return formats.number(quantity, lang)


def _done(txn_id: int, form: Any, do: str) -> CaseDeed:
    content = {"txn_id": txn_id, "how": do, "note": form.note.data or ""}
    said = _("已补记，账平了。") if do == SETTLE else _("已由社区承担，原因记在账上了。")
    return CaseDeed(settle_shortfall, content, said)


def _detail(one: Waiting) -> str:
    return _("已经办了，账还没平")


SHORTFALL = WorkFace(
    kind="shortfall",
    word=_WORD,
    read=_read,
    form=ShortfallForm,
    deed=_done,
    fields=(("note", _l("由社区承担时一定要写一句")),),
    buttons=(
        Button(do=SETTLE, word=_l("从账上补记"), mark="check", key="a", if_may=SETTLE),
        Button(do=WRITE_OFF, word=_l("由社区承担"), kind="second", if_may=WRITE_OFF),
    ),
    detail=_detail,
)
