"""A new kiosk joins a shop: one of staff asks, a second one agrees, then there is a code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.goods.queries import Store, stores
from timebank.kiosks import actions, may
from timebank.kiosks.actions import PairingCode
from timebank.kiosks.queries import Permit, open_permits, permit_of
from timebank.people.closeness import Involved, closeness
from timebank.values import By
from web import formats, units
from web.auth import current_by, needs, proven
from web.cases import WorkCase, WorkFace, event
from web.formats import own_name
from web.forms import WorkForm, named
from web.kiosks.forms import PairingForm, PermitForm
from web.pages import BOTH, WORK, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id

_DEEDS: dict[str, Callable[..., Any]] = {
    "confirm": actions.confirm_pairing, "withdraw": actions.withdraw_pairing,
}  # fmt: skip
_WORD = _l("连一台自助终端")


@dataclass(frozen=True, slots=True)
class PermitShown:
    """One permit with its shop, and what this reader can do about it."""

    one: Permit
    shop: str
    may_confirm: bool


@page(WORK, "/kiosks/pairing", "pairing", methods=BOTH, under="work.kiosks")
@needs(may.CONFIRM_PAIRING)
@proven
def pairing() -> Any:
    """Ask for a kiosk, agree to one, make its code: the code is never part of an address."""
    by, do = current_by(), request.form.get("do", "")
    asking, on_permit, code = _forms(do)
    with units.reading() as session:
        known = [shop for shop in stores(session, by.community_id) if shop.is_open]
        shops = sorted(known, key=lambda one: not one.issues_goods)
    asking.store_id.choices = named(*((str(shop.id), own_name(shop, language())) for shop in shops))
    if do in _DEEDS and (said := _settled(do, on_permit)):
        flash(said)
        return redirect(url_for("work.pairing"), 303)
    if do == "ask" and _asked(asking):
        flash(_("已经提出。另一位负责人或审批员在待办里会看到。"))
        return redirect(url_for("work.pairing"), 303)
    if do == "pair":
        code = _code(on_permit)
    with units.reading() as session:
        permits = _shown(session, by, {shop.id: shop for shop in shops})
    sent = on_permit if getattr(on_permit, "refusal", None) or on_permit.errors else asking
    answer = units.draw(
        "kiosks/work_pairing.html", form=sent, asking=asking, on_permit=on_permit, code=code,
        permits=permits, may_ask=may.MANAGE_DEVICES.is_held_everywhere(by),
    )  # fmt: skip
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _forms(do: str) -> tuple[PairingForm, PermitForm, PairingCode | None]:
    if do == "ask":
        return PairingForm(), PermitForm(formdata=None), None
    return PairingForm(formdata=None), PermitForm(), None


def _shown(session: Session, by: By, shops: dict[int, Store]) -> list[PermitShown]:
    return [
        PermitShown(
            one,
            own_name(shops[one.store_id], language()),
            one.confirmed_at is None
            and closeness(session, by, Involved(person_ids=(one.asked_by_person_id,))) is None,
        )
        for one in open_permits(session, by.community_id, now=units.now())
    ]


def _asked(form: PairingForm) -> bool:
    if not form.validate_on_submit():
        return False
    return units.tried(actions.ask_pairing, form, store_id=read_id(form.store_id.data)) is not None


def _settled(do: str, form: WorkForm) -> str:
    """Agree or withdraw; the sentence afterwards, or nothing if it was refused."""
    if not form.validate_on_submit():
        return ""
    permit_id = read_id(request.form.get("permit_id")) or 0
    if units.tried(_DEEDS[do], form, permit_id=permit_id) is None:
        return ""
    if do == "withdraw":
        return _("已经收回：这一台不能连了。")
    return _("已经同意。现在可以做配对码了。")


def _code(form: WorkForm) -> PairingCode | None:
    if not form.validate_on_submit():
        return None
    permit_id = read_id(request.form.get("permit_id")) or 0
    with units.reading() as session:
        permit = permit_of(session, units.community_id(), permit_id)
    return units.tried(actions.make_pairing_code, form, store_id=permit.store_id)


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    permit = permit_of(session, by.community_id, waiting.id)
    shops = {shop.id: shop for shop in stores(session, by.community_id)}
    case = WorkCase(one=waiting, heading=str(_WORD), facts=permit)
    case.line = own_name(shops[permit.store_id], language())
    until = formats.moment(permit.until_at, language())
    case.notice = (
        _("要请您一起定"),
        _("终端会替居民办事，所以要两个人定。请先问 %(name)s：是哪一台，放在哪里，谁看着它。"
          "%(until)s 前有效。", name=permit.asked_by, until=until),
        "goods",
    )  # fmt: skip
    case.timeline = [event(permit.asked_at, _("提出连一台终端"), permit.asked_by)]
    return case


PAIRING = WorkFace(
    kind="pairing",
    word=_WORD,
    read=_read,
    template="kiosks/act_pairing.html",
)
