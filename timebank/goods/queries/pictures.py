"""The photographs of items."""

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.goods.tables import item, item_picture

_PICTURE = (
    select(item_picture.c.picture)
    .join(
        item,
        and_(
            item.c.community_id == item_picture.c.community_id,
            item.c.picture_digest == item_picture.c.digest,
        ),
    )
    .where(item.c.community_id == bindparam("of_community"), item.c.id == bindparam("of_item"))
)


def picture_of_item(session: Session, community_id: int, item_id: int) -> bytes | None:
    """The photograph of an item as a JPEG, or None."""
    asked = {"of_community": community_id, "of_item": item_id}
    picture: bytes | None = session.scalar(_PICTURE, asked)
    return picture
