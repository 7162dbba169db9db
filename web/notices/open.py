"""The notices of today, for everybody."""

from flask import render_template

from timebank.notices.queries import notices_on
from web import units
from web.auth import open_to_all
from web.pages import OPEN, page


@page(OPEN, "/notices", "notices")
@open_to_all
def notices() -> str:
    """Show what is up today, the newest first."""
    with units.reading() as session:
        shown = notices_on(session, units.community_id(), units.today())
    return render_template("notices/open_notices.html", notices=shown)
