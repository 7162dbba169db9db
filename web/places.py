"""The places of the site: what stands in the bars and side columns, and for whom.

A place whose page is not built yet is left out, so no bar ever leads nowhere.
"""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

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
    Place("open.funds", _l("资金"), "wallet"),
    Place("open.services", _l("服务与活动"), "heart-handshake"),
    Place("open.wishes", _l("心愿"), "heart"),
    Place("open.notices", _l("公示"), "megaphone"),
    Place("open.books", _l("账本公开"), "scale"),
    Place("open.forms", _l("表格"), "file-text"),
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
    Place("work.services", _l("服务与排班"), "calendar-days"),
    Place("work.funds", _l("资金"), "wallet", ("cashier", "accountant", "coordinator", "auditor")),
    Place("work.rules", _l("规则"), "scale"),
    Place("work.notices", _l("公示"), "megaphone"),
    Place("work.tickets", _l("诉求"), "message-circle"),
    Place("work.kiosks", _l("自助终端"), "monitor", ("coordinator", "keeper", "auditor")),
    Place("work.books", _l("试算平衡"), "book-open", ("coordinator", "accountant", "auditor")),
    Place("work.figures", _l("数据"), "chart-column"),
)
_BARS = {"person": PERSON, "public": PUBLIC, "work": WORK}


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        places=places, address_of=address_of, community_name=community_name
    )


def places(bar: str) -> list[Place]:
    """The places of one bar that exist and are for the reader."""
    by = by_or_none()
    return [
        place
        for place in _BARS[bar]
        if place.endpoint in current_app.view_functions
        and (not place.roles or (by is not None and by.holds(*place.roles)))
    ]


def address_of(endpoint: str, otherwise: str = "/", **values: object) -> str:
    """The address of a page, or another where that page is not built yet."""
    if endpoint not in current_app.view_functions:
        return otherwise
    return url_for(endpoint, **values)


def community_name() -> str:
    """The name of the community that is served, in the reader's language."""
    return own_name(ground().community, language())
