"""Goods on the worklist: deposits at kiosks, lots to clean, and changes of the catalogue."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.errors import NotFound
from timebank.goods import may
from timebank.goods.actions import agree_item_change, drop_item_change, sign_cleaning
from timebank.goods.queries import (
    deposit,
    item_change_named,
    items,
    lots_named,
    stores_served,
)
from timebank.values import By
from web import formats
from web.cases import Button, CaseDeed, CaseOutcome, WorkCase, WorkFace, event, what
from web.goods.item_words import CHANGES, told_rows
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

_NAMELESS = _l("没有留名")


def _intake_title(one: Waiting) -> str:
    return _("验收 %(pieces)s", pieces=formats.pieces(one.count, language()))


def _cleaning_title(one: Waiting) -> str:
    return _("消毒签字 %(what)s", what=what(one))


def _cleaning_detail(one: Waiting) -> str:
    return formats.pieces(one.count, language())


def _intake(session: Session, by: By, one: Waiting, now: datetime) -> WorkCase:
    case = WorkCase(one=one, heading=_intake_title(one), line=INTAKE.who(one))
    case.sections = [(_("这一批"), [(_("存入号码"), one.number or "")])]
    case.timeline = [event(one.since_at, _("放在自助终端旁，等店管员验收"))]
    return case


def _clearing(session: Session, by: By, one: Waiting, now: datetime) -> WorkCase:
    case = _intake(session, by, one, now)
    case.notice = (
        _("在终端旁放得太久了"), _("一个工作日内应当验收。账上还记在这台终端名下。"), "goods"
    )  # fmt: skip
    case.may = frozenset({"receive"} if may.RECEIVE_DEPOSIT.is_held(by) else ())
    return case


def _outcome(session: Session, by: By, deposit_id: int) -> CaseOutcome | None:
    """The receipt of a deposit, for those who serve its shop."""
    try:
        found = deposit(session, by.community_id, deposit_id)
    except NotFound:
        return None
    served = {store.id for store in stores_served(session, by, may.READ_STORE)}
    if found.store_id not in served or found.received_at is None:
        return None
    return CaseOutcome(_("已经收下了，收据还在。"), url_for("store.receipt", deposit_id=deposit_id))


def _cleaning(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    lang = language()
    lot = lots_named(session, by.community_id, [waiting.id])[waiting.id]
    case = WorkCase(
        one=waiting, heading=_cleaning_title(waiting), line=formats.pieces(waiting.count, lang, lot)
    )
    case.sections = [(_("这一批"), [(_("收下的日子"), formats.day(lot.received_on, lang))])]
    case.timeline = [event(waiting.since_at, _("收下，等清洗消毒"))]
    return case


def _signed(lot_id: int, form: Any, do: str) -> CaseDeed:
    return CaseDeed(sign_cleaning, {"lot_id": lot_id}, _("已签字，这一批可以上架了。"))


def _change_title(one: Waiting) -> str:
    return _("：").join((str(CHANGES[one.number or "change"]), what(one)))


def _change(session: Session, by: By, one: Waiting, now: datetime) -> WorkCase:
    lang, change = language(), item_change_named(session, by.community_id, one.id)
    known = items(session, by.community_id, [change.item_id]) if change.item_id else []
    case = WorkCase(one=one, heading=_change_title(one), line=change.asked_by)
    rows = told_rows(change, known[0] if known else None)
    rows.append((_("从哪天起"), formats.day(change.since_on, lang)))
    if change.note:
        rows.append((_("说明"), change.note))
    case.sections = [(_("提出来的"), rows)]
    case.timeline = [event(change.asked_at, _("提出来了"), change.asked_by)]
    return case


def _decided(change_id: int, form: Any, do: str) -> CaseDeed:
    content = {"item_change_id": change_id}
    if do == "agree":
        return CaseDeed(agree_item_change, content, _("已经同意。"))
    return CaseDeed(drop_item_change, content, _("没有同意，目录没有变。"))


INTAKE = WorkFace(
    kind="intake",
    word=_l("终端送来"),
    read=_intake,
    template="goods/act_intake.html",
    outcome=_outcome,
    title=_intake_title,
    nameless=_NAMELESS,
)
CLEARING = WorkFace(
    kind="clearing",
    word=_l("终端久未验收"),
    read=_clearing,
    template="goods/act_clearing.html",
    outcome=_outcome,
    title=_intake_title,
    nameless=_NAMELESS,
)
CLEANING = WorkFace(
    kind="cleaning",
    word=_l("消毒签字"),
    read=_cleaning,
    deed=_signed,
    buttons=(Button(do="sign", word=_l("已清洗消毒，签字"), mark="check", key="a"),),
    title=_cleaning_title,
    detail=_cleaning_detail,
)
ITEM_CHANGE = WorkFace(
    kind="item_change",
    word=_l("物品目录"),
    read=_change,
    deed=_decided,
    buttons=(
        Button(do="agree", word=_l("同意"), mark="check", key="a"),
        Button(do="drop", word=_l("不同意"), kind="second"),
    ),
    title=_change_title,
    detail=lambda one: "",
)
