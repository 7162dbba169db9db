"""What may be done about a case of the worklist: its form, its deed, and what is then said.

Each deed is one action of its subject; whether it is allowed is decided there.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import request

from timebank.aid.actions import decide_review, issue_goods
from timebank.desk.queries import Key
from timebank.desk.shortfalls import SETTLE, settle_shortfall
from timebank.errors import BadInput, NotFound
from timebank.goods.actions import sign_cleaning
from timebank.hours.actions import confirm_records, propose_end, refuse_record
from timebank.hours.rules import ORGANISER, RECIPIENT
from timebank.kiosks.actions import ReviewSettled, settle_review
from timebank.values import COMMUNITY_ZONE
from web import formats, units
from web.aid.forms import ProofOfComing
from web.desk.forms import ShortfallForm
from web.forms import PlainForm, ReasonForm, WorkForm
from web.hours.forms import ShiftForm
from web.kiosks.forms import SettleForm
from web.reader import gettext as _
from web.reader import language
from web.reading import is_card


class Deed(NamedTuple):
    """The action, what it is told, and what the reader is told when it is done."""

    action: Callable[..., Any]
    content: dict[str, Any]
    said: str | Callable[[Any], str]


FORMS: dict[str, type[WorkForm]] = {
    "record": ReasonForm,
    "shift": ShiftForm,
    "review": ReasonForm,
    "pickup": ProofOfComing,
    "intake": PlainForm,
    "clearing": PlainForm,
    "cleaning": PlainForm,
    "kiosk": SettleForm,
    "shortfall": ShortfallForm,
}


def form_for(key: Key) -> WorkForm:
    """The form beside a case."""
    return FORMS[key.kind]()


def done(key: Key, form: WorkForm) -> str | None:
    """Do what the pressed button says; None where it was refused, and the form says why."""
    if not form.validate_on_submit():
        form.renew()
        return None
    deed = _DEEDS[key.kind](key.id, form, request.form.get("do", ""))
    receipt = units.tried(deed.action, form, **deed.content)
    if receipt is None or isinstance(deed.said, str):
        return None if receipt is None else str(deed.said)
    return deed.said(receipt)


def _record(record_id: int, form: Any, do: str) -> Deed:
    if do == "confirm":
        content = {"record_ids": (record_id,), "as_": ORGANISER}
        return Deed(confirm_records, content, _("已确认，谢谢。"))
    if do == "word":
        content = {"record_ids": (record_id,), "as_": RECIPIENT}
        return Deed(confirm_records, content, _("已代记对方的确认，还要另一位同事以组织者确认。"))
    if do == "refuse":
        content = {"record_id": record_id, "reason": form.reason.data or ""}
        return Deed(refuse_record, content, _("已退回，原因会告诉志愿者。"))
    raise BadInput(field="do", why="choice")


def _shift(record_id: int, form: Any, do: str) -> Deed:
    ended_at = form.ended_at.data.replace(tzinfo=COMMUNITY_ZONE)
    content = {"record_id": record_id, "ended_at": ended_at, "note": form.note.data or ""}
    return Deed(propose_end, content, _("已写下结束时间，等志愿者本人同意。"))


def _review(claim_id: int, form: Any, do: str) -> Deed:
    if do not in ("approve", "refuse"):
        raise BadInput(field="do", why="choice")
    is_yes = do == "approve"
    content = {"claim_id": claim_id, "approve": is_yes, "reason": form.reason.data or ""}
    said = _("已同意，物品已经留好。") if is_yes else _("已答复，原因会告诉这户人家。")
    return Deed(decide_review, content, said)


def _pickup(claim_id: int, form: Any, do: str) -> Deed:
    return hand_over(claim_id, form.pickup_code.data or "")


def hand_over(claim_id: int, told: str) -> Deed:
    """Hand over to whoever showed a code or a card."""
    proof = "card_token" if is_card(told) else "pickup_code"
    return Deed(issue_goods, {"claim_id": claim_id, proof: told}, _("已发放，记在账上了。"))


def _cleaning(lot_id: int, form: Any, do: str) -> Deed:
    return Deed(sign_cleaning, {"lot_id": lot_id}, _("已签字，这一批可以上架了。"))


def _kiosk(review_id: int, form: Any, do: str) -> Deed:
    content = {"review_id": review_id, "how": do, "note": form.note.data or ""}
    return Deed(settle_review, content, _settled)


def _settled(receipt: ReviewSettled) -> str:
    if not receipt.lacking:
        return _("已处理，这一笔不再等人。")
    count = formats.pieces(receipt.lacking, language())
    return _("已照实入账。账上缺 %(count)s，已列为差额，等别的同事处理。", count=count)


def _shortfall(txn_id: int, form: Any, do: str) -> Deed:
    content = {"txn_id": txn_id, "how": do, "note": form.note.data or ""}
    said = _("已补记，账平了。") if do == SETTLE else _("已由社区承担，原因记在账上了。")
    return Deed(settle_shortfall, content, said)


def _nothing(id_: int, form: Any, do: str) -> Deed:
    raise NotFound(kind="page")


_DEEDS: dict[str, Callable[[int, Any, str], Deed]] = {
    "record": _record,
    "shift": _shift,
    "review": _review,
    "pickup": _pickup,
    "intake": _nothing,
    "clearing": _nothing,
    "cleaning": _cleaning,
    "kiosk": _kiosk,
    "shortfall": _shortfall,
}
