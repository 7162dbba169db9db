"""Close a shop: refused while goods, deposits on their way or kiosks are there."""

from typing import Any

from flask import flash, redirect, url_for
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from timebank.goods import may
from timebank.goods.queries import store as store_of
from timebank.kiosks.actions import close_store
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm
from web.pages import BOTH, WORK, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l


class CloseShopForm(WorkForm):
    """Why a shop is closed for good."""

    note = TextAreaField(_l("原因"), [InputRequired(_l("请写上原因。")), Length(max=200)])


@page(WORK, "/shops/<int:store_id>/close", "shops_close", methods=BOTH)
@needs(may.ADD_STORES)
def close(store_id: int) -> Any:
    """Close a shop in which nothing is left."""
    form = CloseShopForm()
    with units.reading() as session:
        shop = store_of(session, current_by().community_id, store_id)
    if form.validate_on_submit():
        told = {"store_id": shop.id, "note": form.note.data}
        if units.tried(close_store, form, **told) is not None:
            flash(_("已经关了。以前的记录都在。"))
            return redirect(url_for("work.shops"), 303)
    return units.draw("kiosks/work_shop_close.html", form=form, shop=shop)
