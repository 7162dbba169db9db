"""The kiosks of a community: their state, revoking and thawing."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.goods.queries import stores
from timebank.kiosks import may
from timebank.kiosks.actions import revoke_device, thaw_device
from timebank.kiosks.queries import Device, devices, permits_of_devices
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm
from web.kiosks.forms import DeviceForm
from web.listing import page_of
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id

_DEEDS: dict[str, Callable[..., Any]] = {"revoke": revoke_device, "thaw": thaw_device}
KIOSKS_A_PAGE = 20
PLACE = MenuPlace(bar=DESK, word=_l("自助终端"), icon="monitor", order=40, right=may.READ_DEVICES)


@page(WORK, "/kiosks", "kiosks", methods=BOTH, places=(PLACE,))
@needs(may.READ_DEVICES)
def kiosks() -> Any:
    """Show every kiosk; the coordinator revokes lost ones. A new one joins on its own page."""
    by, form = current_by(), DeviceForm()
    do = request.form.get("do", "")
    if do in _DEEDS and _changed(do, form):
        return redirect(url_for("work.kiosks"), 303)
    with units.reading() as session:
        shops = {shop.id: shop for shop in stores(session, by.community_id)}
        found = devices(session, by.community_id)
        permits = permits_of_devices(session, by.community_id)
    found = [one for one in found if is_wanted(one, request.args)]
    asked = {"state": request.args["state"]} if request.args.get("state") else {}
    return units.draw(
        "kiosks/work_kiosks.html", form=form, asked=asked,
        listed=page_of(found, KIOSKS_A_PAGE, request.args), permits=permits, shops=shops,
        may=may.MANAGE_DEVICES.is_held_everywhere(by),
    )  # fmt: skip


def is_wanted(one: Device, query: Mapping[str, str]) -> bool:
    """Tell whether a kiosk is among those that an address asks for."""
    return query.get("state", "") in ("", one.state)


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
