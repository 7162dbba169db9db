"""The store of a keeper's page: the one in the address, otherwise their first one."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.goods.queries import Store, StoreBrief, stores_served
from timebank.rights import Right
from timebank.values import By
from web.reading import read_id

Shop = TypeVar("Shop", Store, StoreBrief)


def shops(session: Session, by: By, right: Right) -> list[StoreBrief]:
    """The stores that the reader serves. **Refuses**: ``NotFound`` without any store."""
    found = stores_served(session, by, right)
    if not found:
        raise NotFound(kind="store")
    return found


def shop_of(session: Session, by: By, right: Right, *, issues: bool = False) -> StoreBrief:
    """The store of this page. **Refuses**: ``NotFound``, also for another keeper's store."""
    return chosen(shops(session, by, right), issues=issues)


def chosen(served: Sequence[Shop], *, issues: bool = False) -> Shop:
    """The store in the address, otherwise the first one. **Refuses**: ``NotFound``."""
    asked = request.args.get("store")
    for one in served:
        fits = one.id == read_id(asked) if asked else not issues or one.kind == "store"
        if fits:
            return one
    raise NotFound(kind="store")
