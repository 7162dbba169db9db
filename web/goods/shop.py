"""The store of a keeper's page: the one in the address, otherwise their first one."""

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.goods.queries import Store, stores_served
from timebank.rights import Right
from timebank.values import By
from web.reading import read_id


def shops(session: Session, by: By, right: Right) -> list[Store]:
    """The stores that the reader serves. **Refuses**: ``NotFound`` without any store."""
    found = stores_served(session, by, right)
    if not found:
        raise NotFound(kind="store")
    return found


def shop_of(
    session: Session, by: By, right: Right, *, issues: bool = False, about: int | None = None
) -> Store:
    """The store of this page. **Refuses**: ``NotFound``, also for another keeper's store.

    ``about`` is the store of what the page is about; it counts where the address names none.
    """
    return chosen(shops(session, by, right), issues=issues, about=about)


def chosen(served: Sequence[Store], *, issues: bool = False, about: int | None = None) -> Store:
    """The store in the address, otherwise ``about``, or the first one. **Refuses**: ``NotFound``.

    Every form and link of a page names the store that was chosen here.
    """
    asked = request.args.get("store")
    wanted = read_id(asked) if asked else about
    is_named = bool(asked) or about is not None
    for store in served:
        if store.id == wanted if is_named else not issues or store.kind == "store":
            return store
    raise NotFound(kind="store")
