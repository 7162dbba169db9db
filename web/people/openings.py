"""Who opened one's own sealed data, when and why."""

from flask import render_template, request

from timebank.people.queries import openings_about
from timebank.values import to_us
from web import units
from web.auth import current_by, signed_in
from web.listing import listed, read_cursor
from web.pages import ACCOUNT, page
from web.people.worklist import columns_word

OPENINGS_A_PAGE = 50


@page(ACCOUNT, "/me/openings", "openings")
@signed_in
def openings() -> str:
    """List every opening of the signed-in person's sealed data, newest first."""
    by, before = current_by(), read_cursor(request.args.get("before"), 2)
    opened = []
    if by.person_id is not None:
        with units.reading() as session:
            opened = openings_about(
                session, by.community_id, by.person_id, limit=OPENINGS_A_PAGE + 1, before=before
            )
    page_of = listed(opened, OPENINGS_A_PAGE, lambda one: (to_us(one.at), one.id), at=before)
    return render_template("people/me_openings.html", listed=page_of, columns_word=columns_word)
