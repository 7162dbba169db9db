"""The places of the site: what stands in the bars and side columns, and for whom."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from web.auth import by_or_none
from web.formats import own_name
from web.ground import ground
from web.reader import LazyString, language
from web.reader import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Place:
    """A word, its icon and its page; ``roles`` says who sees it (empty: everybody here).

    ``also`` names the beginnings of other pages that belong to it.
    """

    endpoint: str
    word: LazyString
    icon: str
    roles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Tell whether the page being read belongs to this place."""
        here = request.endpoint or ""
        return here == self.endpoint or here.startswith((f"{self.endpoint}_", *self.also))

    @property
    def address(self) -> str:
        return url_for(self.endpoint)


PERSON = (
    Place("me.passbook", _l("存折"), "book-open"),
    Place("me.deposit", _l("存入"), "package-plus"),
    Place("me.take", _l("领取"), "shopping-basket"),
    Place("me.services", _l("服务"), "heart-handshake"),
)
PUBLIC = (
    Place("open.shelf", _l("货架"), "package"),
    Place("open.services", _l("服务与活动"), "heart-handshake"),
)
_STORE = ("keeper", "coordinator", "auditor")
_PEOPLE = (
    "grid_worker",
    "social_worker",
    "coordinator",
    "approver",
    "keeper",
    "auditor",
    "hotline",
)
WORK = (
    Place("work.worklist", _l("待办"), "list-checks", also=("work.records",)),
    Place("work.people", _l("人员与家庭"), "users", _PEOPLE),
    Place("store.desk", _l("店铺"), "store", _STORE, also=("store.",)),
    Place("work.kiosks", _l("自助终端"), "monitor", ("coordinator", "keeper", "auditor")),
    Place("work.books", _l("试算平衡"), "book-open", ("coordinator", "accountant", "auditor")),
)
_BARS = {"person": PERSON, "public": PUBLIC, "work": WORK}


def install(app: Flask) -> None:
    app.jinja_env.globals.update(places=places, community_name=community_name)


def places(bar: str) -> list[Place]:
    """List the places of one bar that the reader may see."""
    by = by_or_none()
    return [
        place
        for place in _BARS[bar]
        if not place.roles or (by is not None and by.holds(*place.roles))
    ]


def community_name() -> str:
    """The name of the community that is served, in the reader's language."""
    return own_name(ground().community, language())
