"""The keeper's first page: receive, issue; what expires soon, what is low, who will come."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from timebank.aid.queries import shelf_now as shelf_of
from timebank.goods import may
from timebank.goods.queries import AnnouncedDeposit, ShelfRow, Store, announced_deposits, stores
from timebank.people.queries import briefs, organisations
from timebank.values import By
from web import units
from web.auth import current_by, needs
from web.goods.shop import chosen
from web.listing import Listed, listed, read_cursor
from web.pages import DESK, STORE, MenuPlace, page
from web.people.sight import shown_name
from web.reader import gettext as _
from web.reader import lazy_gettext as _l

LOW_PIECES = 5  # So few on the shelf count as low. Source: our own default.
ROWS_SHOWN = 8  # The rest of a list unfolds.
COMING_A_PAGE = 16


@dataclass(frozen=True, slots=True)
class Coming:
    """An announced deposit with the name of its donor for this page."""

    deposit: AnnouncedDeposit
    donor: str


PLACE = MenuPlace(
    bar=DESK, word=_l("店铺"), icon="store", order=30, right=may.READ_STORE, also=("store.",)
)


@page(STORE, "", "desk", places=(PLACE,))
@needs(may.READ_STORE)
def desk() -> str:
    """Show the keeper's next tasks and the state of the shelf."""
    by, now = current_by(), units.now()
    with units.reading() as session:
        known = stores(session, by.community_id)
        served = [store for store in known if may.READ_STORE.is_held_at(by, store.place_id)]
        shop = chosen(sorted(served, key=lambda one: (not one.issues_goods, one.code)))
        rows = shelf_of(session, by.community_id, now, shop.id)
        coming = _coming(session, by, shop)
    return render_template(
        "goods/store_desk.html",
        shop=shop,
        others=[store for store in served if store.id != shop.id],
        ending=_ending(rows),
        low=_low(rows),
        low_pieces=LOW_PIECES,
        shown=ROWS_SHOWN,
        gone=[row for row in rows if not row.on_hand],
        cleaning=sum(row.awaiting_cleaning for row in rows),
        coming=coming,
        largest=max((row.on_hand for row in rows), default=1),
        today=units.today(),
        is_keeper=may.RECEIVE_DEPOSIT.is_held(by),
    )


def _ending(rows: list[ShelfRow]) -> list[ShelfRow]:
    found = [row for row in rows if row.near_expiry and row.nearest_best_before_on]
    return sorted(found, key=lambda row: str(row.nearest_best_before_on))


def _low(rows: list[ShelfRow]) -> list[ShelfRow]:
    found = [row for row in rows if row.on_hand > row.kept_back and row.available <= LOW_PIECES]
    return sorted(found, key=lambda row: row.available)


def _coming(session: Session, by: By, shop: Store) -> Listed[Coming]:
    """A page of the announced deposits; the list is sorted here, because it is never long."""
    after = read_cursor(request.args.get("after"), 4)
    found = announced_deposits(session, by.community_id, shop.id)
    deposits = [deposit for deposit in found if after is None or deposit.place > after][
        : COMING_A_PAGE + 1
    ]
    rows = _with_donors(session, by, deposits)
    return listed(rows, COMING_A_PAGE, lambda one: one.deposit.place, at=after)


def _with_donors(session: Session, by: By, deposits: list[AnnouncedDeposit]) -> list[Coming]:
    people = briefs(
        session,
        by.community_id,
        [deposit.donor_person_id for deposit in deposits if deposit.donor_person_id],
    )
    has_firms = any(deposit.donor_organisation_id for deposit in deposits)
    firms = organisations(session, by.community_id) if has_firms else []
    named: dict[Any, str] = {firm.id: firm.name for firm in firms}
    named |= {person.id: shown_name(by, person) for person in people.values()}
    return [
        Coming(
            deposit,
            named.get(deposit.donor_person_id or deposit.donor_organisation_id, _("没有留名")),
        )
        for deposit in deposits
    ]
