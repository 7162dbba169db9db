"""The photograph of an item: taken or chosen, resized, and shown on the page of the item."""

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response

from timebank.errors import NotFound, TimebankError
from timebank.goods import may
from timebank.goods.actions import remove_item_picture, set_item_picture
from timebank.goods.actions.pictures import KEPT_BYTES_MAX, SIDE_MAX
from timebank.goods.queries import Item, items, picture_of_item
from timebank.people.pictures import SENT_BYTES_MAX, clean_picture
from web import units
from web.auth import current_by, needs
from web.forms import WorkForm
from web.pages import BOTH, WORK, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.security import takes_files


class ItemPictureForm(WorkForm):
    """One photograph."""

    picture = FileField(_l("照片"), render_kw={"accept": "image/*"})


@page(WORK, "/items/<int:item_id>/picture", "items_picture", methods=BOTH)
@needs(may.PROPOSE_ITEMS)
@takes_files("picture", most_bytes=SENT_BYTES_MAX)
def picture(item_id: int) -> Any:
    """Set the photograph of an item, or take it off."""
    form = ItemPictureForm()
    with units.reading() as session:
        found = items(session, current_by().community_id, [item_id])
    if not found:
        raise NotFound(kind="item")
    if form.validate_on_submit() and _is_done(form, found[0]):
        return redirect(url_for("work.items_one", item_id=item_id), 303)
    return units.draw("goods/work_item_picture.html", form=form, item=found[0])


def _is_done(form: ItemPictureForm, item: Item) -> bool:
    if request.form.get("do") == "remove":
        flash(_("照片已经拿掉。"))
        return units.tried(remove_item_picture, form, item_id=item.id) is not None
    sent = form.picture.data
    if not sent:
        form.picture.errors = [_("请先选一张照片。")]
        return False
    try:
        sides = {"side_max": SIDE_MAX, "bytes_max": KEPT_BYTES_MAX}
        cleaned = clean_picture(sent.read(SENT_BYTES_MAX + 1), **sides)
    except TimebankError as refusal:
        form.refuse(refusal)
        return False
    if units.tried(set_item_picture, form, item_id=item.id, picture=cleaned) is None:
        return False
    flash(_("照片已经放上。"))
    return True


@page(WORK, "/items/<int:item_id>/picture/file", "items_picture_file")
@needs(may.READ_CATALOGUE)
def file(item_id: int) -> Response:
    """Send the photograph of an item."""
    with units.reading() as session:
        content = picture_of_item(session, current_by().community_id, item_id)
    if content is None:
        raise NotFound(kind="item")
    response = make_response(content)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = 'inline; filename="item.jpg"'
    return response
