"""The photograph of an item: set, replaced and taken off. A picture is stored by its hash."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.goods import may
from timebank.goods.actions.taking_up import lock_catalogue
from timebank.goods.tables import item, item_picture
from timebank.people.pictures import require_clean

SIDE_MAX = 640  # Pixels. Source: our own choice, for the width of a phone.
KEPT_BYTES_MAX = 60 * 1024  # Two of them fit into a page. Source: the budget of a page.


@dataclass(frozen=True, slots=True)
class ItemPictured:
    """``digest`` is empty for an item that has no photograph any more."""

    item_id: int
    digest: str


@action("set_item_picture")
def set_item_picture(deed: Deed, *, item_id: int, picture: bytes) -> ItemPictured:
    """Show a photograph with an item, cleaned and resized by the caller.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for what was not cleaned.
    """
    may.PROPOSE_ITEMS.require(deed.by)
    require_clean(picture, bytes_max=KEPT_BYTES_MAX)
    _item_taken(deed, item_id)
    digest = hashlib.sha256(picture).hexdigest()
    known = select(item_picture.c.digest).where(
        item_picture.c.community_id == deed.community_id, item_picture.c.digest == digest
    )
    if deed.session.scalar(known) is None:
        row = {"digest": digest, "picture": picture, "added_at": deed.now}
        deed.session.execute(insert(item_picture), row | {"community_id": deed.community_id})
    return _write(deed, item_id, digest, name="set_item_picture")


@action("remove_item_picture")
def remove_item_picture(deed: Deed, *, item_id: int) -> ItemPictured:
    """Take the photograph off. **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState``."""
    may.PROPOSE_ITEMS.require(deed.by)
    if _item_taken(deed, item_id) is None:
        raise WrongState(kind="item", state="no_picture")
    return _write(deed, item_id, "", name="remove_item_picture")


def _item_taken(deed: Deed, item_id: int) -> str | None:
    """Lock the catalogue and read the digest of an item's photograph. **Refuses**: ``NotFound``."""
    lock_catalogue(deed)
    row = deed.session.execute(
        select(item.c.picture_digest).where(
            item.c.community_id == deed.community_id, item.c.id == item_id
        )
    ).first()
    if row is None:
        raise NotFound(kind="item")
    digest: str | None = row.picture_digest
    return digest


def _write(deed: Deed, item_id: int, digest: str, *, name: str) -> ItemPictured:
    deed.session.execute(
        update(item)
        .where(item.c.community_id == deed.community_id, item.c.id == item_id)
        .values(picture_digest=digest or None)
    )
    audit(deed, name=name, subject_kind="item", subject_id=item_id, facts={"digest": digest})
    return ItemPictured(item_id, digest)
