"""The shops and donation points: list, open a new one, change how one is called and reached."""

from typing import Any

from flask import flash, redirect, url_for
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from timebank.goods import actions, may
from timebank.goods.queries import Store, opening_of, stores
from timebank.goods.queries import store as store_of
from timebank.people.actions import change_place
from timebank.people.queries import places
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm, named
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

OFF: dict[str, Any] = {"autocomplete": "off"}
NEEDED = _l("请填写。")
PLACE = MenuPlace(
    bar=DESK, word=_l("开店与关店"), icon="shopping-basket", order=36, right=may.ADD_STORES,
    also=("work.shops",),
)  # fmt: skip


class ShopChangeForm(WorkForm):
    """How a shop is called and reached."""

    name_zh = StringField(_l("中文名称"), [InputRequired(NEEDED), Length(max=80)], render_kw=OFF)
    name_en = StringField(_l("英文名称"), [Length(max=80)], render_kw=OFF)
    address = StringField(_l("地址"), [Length(max=120)], render_kw=OFF)
    phone = StringField(_l("电话"), [Length(max=20)], render_kw={**OFF, "inputmode": "tel"})

    def told(self) -> dict[str, Any]:
        """What was typed; what is not written in English is written as in Chinese."""
        return {
            "name_zh": self.name_zh.data,
            "name_en": self.name_en.data or self.name_zh.data,
            "address": self.address.data or "",
            "phone": self.phone.data or "",
        }


class NewShopForm(ShopChangeForm):
    """A new shop: also its code, and whether it issues."""

    code = StringField(_l("代码"), [InputRequired(NEEDED), Length(max=8)], render_kw=OFF)
    kind = RadioField(
        _l("做什么"),
        choices=named(("store", _l("公益店：收，也发")), ("donation_point", _l("接收点：只收"))),
        default="store",
    )


class ShopEndForm(WorkForm):
    """Why a shop is opened again."""

    note = TextAreaField(_l("原因"), [InputRequired(_l("请写上原因。")), Length(max=200)])


@page(WORK, "/shops", "shops", places=(PLACE,))
@needs(may.ADD_STORES)
def shops() -> Any:
    """List the shops with address, phone and the hours of today."""
    by, today = current_by(), units.today()
    with units.reading() as session:
        known = stores(session, by.community_id)
        sites = {site.id: site for site in places(session, by.community_id, "store")}
        hours = {one.id: opening_of(session, by.community_id, one.id).hours(today) for one in known}
    return units.draw(
        "goods/work_shops.html", form=WorkForm(formdata=None), shops=known, sites=sites,
        hours=hours,
    )  # fmt: skip


@page(WORK, "/shops/new", "shops_new", methods=BOTH)
@needs(may.ADD_STORES)
def new() -> Any:
    """Open a shop or a donation point."""
    form = NewShopForm()
    if form.validate_on_submit():
        told = form.told() | {"code": form.code.data, "kind": form.kind.data}
        opened = units.tried(actions.open_store, form, **told)
        if opened is not None:
            flash(_("已经开好。请接着写开门时间，再请一位店管员。"))
            return redirect(url_for("store.opening", store=opened.store_id), 303)
    return units.draw("goods/work_shop_new.html", form=form)


@page(WORK, "/shops/<int:store_id>/change", "shops_change", methods=BOTH)
@needs(may.ADD_STORES)
def change(store_id: int) -> Any:
    """Change how a shop is called and reached."""
    shop, form = _shop(store_id), ShopChangeForm()
    with units.reading() as session:
        known = places(session, current_by().community_id, "store")
    site = next(one for one in known if one.id == shop.place_id)
    if not form.is_submitted():
        form.process(obj=site, data={"request_id": form.request_id.data})
    if form.validate_on_submit():
        changed = units.tried(change_place, form, place_id=shop.place_id, **form.told())
        if changed is not None:
            flash(_("已经改好了。"))
            return redirect(url_for("work.shops"), 303)
    return units.draw("goods/work_shop_change.html", form=form, shop=shop)


@page(WORK, "/shops/<int:store_id>/reopen", "shops_reopen", methods=BOTH)
@needs(may.ADD_STORES)
def reopen(store_id: int) -> Any:
    """Open a closed shop again."""
    shop, form = _shop(store_id), ShopEndForm()
    if form.validate_on_submit():
        told = {"store_id": shop.id, "note": form.note.data}
        if units.tried(actions.reopen_store, form, **told) is not None:
            flash(_("又开门了。"))
            return redirect(url_for("work.shops"), 303)
    return units.draw("goods/work_shop_reopen.html", form=form, shop=shop)


def _shop(store_id: int) -> Store:
    with units.reading() as session:
        return store_of(session, current_by().community_id, store_id)
