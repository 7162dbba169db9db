"""The kiosks of a community: their state, pairing, revoking and thawing."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.goods.queries import Store, stores
from timebank.kiosks import may
from timebank.kiosks.actions import PairingCode, make_pairing_code, revoke_device, thaw_device
from timebank.kiosks.queries import devices
from web import units
from web.auth import current_by, needs
from web.formats import own_name
from web.forms import WorkForm, named
from web.kiosks.forms import DeviceForm, PairingForm
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id

_DEEDS: dict[str, Callable[..., Any]] = {"revoke": revoke_device, "thaw": thaw_device}
PLACE = MenuPlace(bar=DESK, word=_l("自助终端"), icon="monitor", order=40, right=may.READ_DEVICES)


@page(WORK, "/kiosks", "kiosks", methods=BOTH, places=(PLACE,))
@needs(may.READ_DEVICES)
def kiosks() -> Any:
    """Show every kiosk; the coordinator pairs new ones and revokes lost ones."""
    by = current_by()
    pairing, on_device = _forms()
    with units.reading() as session:
        known = [shop for shop in stores(session, by.community_id) if shop.is_open]
        shops = sorted(known, key=lambda one: not one.issues_goods)
    pairing.store_id.choices = named(
        *((str(shop.id), own_name(shop, language())) for shop in shops)
    )
    code = _pair(pairing) if request.form.get("do") == "pair" else None
    if request.form.get("do") in _DEEDS and _changed(request.form["do"], on_device):
        return redirect(url_for("work.kiosks"), 303)
    with units.reading() as session:
        found = devices(session, by.community_id)
    sent = on_device if getattr(on_device, "refusal", None) or on_device.errors else pairing
    return units.draw(
        "kiosks/work_kiosks.html", form=sent, pairing=pairing, on_device=on_device, devices=found,
        shops=_by_id(shops), code=code, now=units.now(),
        may=may.MANAGE_DEVICES.is_held_everywhere(by),
    )  # fmt: skip


def _forms() -> tuple[PairingForm, DeviceForm]:
    is_pairing = request.form.get("do") == "pair"
    if is_pairing:
        return PairingForm(), DeviceForm(formdata=None)
    return PairingForm(formdata=None), DeviceForm()


def _by_id(shops: list[Store]) -> dict[int, Store]:
    return {shop.id: shop for shop in shops}


def _pair(form: PairingForm) -> PairingCode | None:
    """Create a code and render it at once, so that it is never part of an address."""
    if not form.validate_on_submit():
        return None
    return units.tried(make_pairing_code, form, store_id=read_id(form.store_id.data))


def _changed(do: str, form: WorkForm) -> bool:
    if not form.validate_on_submit():
        return False
    content = {
        "device_id": read_id(request.form.get("device_id")) or 0,
        "why": (request.form.get("why") or "").strip(),
    }
    if units.tried(_DEEDS[do], form, **content) is None:
        return False
    flash(_("这台终端已经停用。") if do == "revoke" else _("这台终端又可以入账了。"))
    return True
