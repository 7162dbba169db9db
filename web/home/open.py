"""The start page: this month in figures, and the shelf now."""

from dataclasses import replace

from flask import render_template

from timebank.aid.queries import issued_by_month, shelf_now
from timebank.goods.queries import accepted_by_month
from timebank.hours.queries import minutes_by_month
from timebank.notices.queries import notices_on
from web import formats, units
from web.auth import open_to_all
from web.goods.open import shelf_table
from web.pages import OPEN, page
from web.reader import language

ROWS_AT_HOME = 10
NOTICES_AT_HOME = 2


@page(OPEN, "/", "home")
@open_to_all
def home() -> str:
    """Show this month in figures, and what is on the shelf now."""
    with units.reading() as session:
        rows = shelf_now(session, units.community_id(), units.now())
        hours = minutes_by_month(session, units.community_id(), units.today())
        accepted = accepted_by_month(session, units.community_id(), units.today())
        issued = issued_by_month(session, units.community_id(), units.today())
        notices = notices_on(session, units.community_id(), units.today(), limit=NOTICES_AT_HOME)
    table, lang = shelf_table(rows), language()
    return render_template(
        "home/open_home.html",
        table=replace(table, rows=table.rows[:ROWS_AT_HOME]),
        notices=notices,
        kinds=sum(1 for row in rows if row.available),
        largest=max((row.on_hand for row in rows), default=1),
        hours=[(on, count // 60, formats.minutes(count, lang)) for on, count in hours],
        accepted=[(on, count, formats.pieces(count, lang)) for on, count in accepted],
        issued=[(on, count, formats.pieces(count, lang)) for on, count in issued],
    )
