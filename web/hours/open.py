"""The services by category, open to all."""

from flask import render_template

from timebank.goods.queries import stores
from timebank.hours.queries import services as services_known
from timebank.hours.rules import CATEGORIES
from web import units
from web.auth import open_to_all
from web.pages import OPEN, PUBLIC, MenuPlace, page
from web.reader import language
from web.reader import lazy_gettext as _l

PLACE = MenuPlace(bar=PUBLIC, word=_l("服务与活动"), icon="heart-handshake", order=20)


@page(OPEN, "/services", "services", places=(PLACE,))
@open_to_all
def services() -> str:
    """Show the services in their seven categories, and where the shop is."""
    with units.reading() as session:
        known = services_known(session, units.community_id())
        places = [shop for shop in stores(session, units.community_id()) if shop.is_open]
    groups = {
        names[0 if language() == "zh" else 1]: [
            service for service in known if service.category == category
        ]
        for category, names in CATEGORIES.items()
    }
    return render_template("hours/open_services.html", groups=groups, stores=places)
