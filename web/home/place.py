"""What this place is, how to join, where the shops are and when they are open; and privacy."""

from dataclasses import dataclass
from datetime import timedelta

from flask import render_template
from sqlalchemy.orm import Session

from timebank.deeds.contact import Contact, contact_of
from timebank.goods.opening import Hours
from timebank.goods.queries import Store, opening_of, special_days, stores
from timebank.goods.queries.opening import SpecialDay
from timebank.goods.rules import WEEKDAYS
from timebank.notices.queries import notices_on
from timebank.people.queries import Place, places
from web import units
from web.auth import open_to_all
from web.goods.opening_words import DAYS, shown_hours
from web.pages import OPEN, PUBLIC, MenuPlace, page
from web.reader import LazyString
from web.reader import lazy_gettext as _l

AHEAD = timedelta(days=30)
PLACE = MenuPlace(bar=PUBLIC, word=_l("这里是哪里"), icon="house", order=30)


@dataclass(frozen=True, slots=True)
class ShopTold:
    """A shop as its neighbours need it: where, whom to call, and when it is open.

    ``weeks`` are the days of the week with their hours, equal neighbours joined; empty if nobody
    has set the hours.
    """

    store: Store
    site: Place
    today: Hours
    weeks: list[tuple[LazyString, LazyString, str]]
    days: list[SpecialDay]


@page(OPEN, "/place", "place", places=(PLACE,))
@open_to_all
def place() -> str:
    """Show what this is, how to join, the shops, and what staff want everybody to know."""
    community_id, today = units.community_id(), units.today()
    with units.reading() as session:
        sites = {site.id: site for site in places(session, community_id, "store")}
        shops = [
            _told(session, store, sites[store.place_id])
            for store in sorted(stores(session, community_id), key=lambda one: not one.issues_goods)
        ]
        notices = notices_on(session, community_id, today)
        contact: Contact = contact_of(session, community_id)
    return render_template(
        "home/open_place.html", shops=shops, notices=notices, contact=contact,
        shown=shown_hours, today=today,
    )  # fmt: skip


def _told(session: Session, store: Store, site: Place) -> ShopTold:
    community_id, today = units.community_id(), units.today()
    hours = opening_of(session, community_id, store.id)
    days = special_days(session, community_id, store.id, since=today)
    return ShopTold(
        store=store,
        site=site,
        today=hours.hours(today),
        weeks=_weeks(hours.week_on(today)) if hours.is_kept else [],
        days=[day for day in days if day.on <= today + AHEAD],
    )


def _weeks(week: tuple[Hours, ...]) -> list[tuple[LazyString, LazyString, str]]:
    """Join days with the same hours: Monday to Friday, Saturday to Sunday."""
    spans: list[tuple[str, str, Hours]] = []
    for name, hours in zip(WEEKDAYS, week, strict=True):
        if spans and spans[-1][2] == hours:
            spans[-1] = (spans[-1][0], name, hours)
        else:
            spans.append((name, name, hours))
    return [(DAYS[first], DAYS[last], shown_hours(hours)) for first, last, hours in spans]


@page(OPEN, "/privacy", "privacy")
@open_to_all
def privacy() -> str:
    """Say what is kept of whom, why, who sees it, and for how long."""
    with units.reading() as session:
        contact = contact_of(session, units.community_id())
    return render_template("home/open_privacy.html", contact=contact)
