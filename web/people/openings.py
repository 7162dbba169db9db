"""Who opened one's own sealed data, when and why."""

from flask import render_template

from timebank.people.queries import openings_about
from web import units
from web.auth import current_by, signed_in
from web.pages import ACCOUNT, page
from web.people.worklist import columns_word

SHOWN_MAX = 100


@page(ACCOUNT, "/me/openings", "openings")
@signed_in
def openings() -> str:
    """List every opening of the signed-in person's sealed data, newest first."""
    by = current_by()
    opened = []
    if by.person_id is not None:
        with units.reading() as session:
            opened = openings_about(session, by.community_id, by.person_id, limit=SHOWN_MAX)
    return render_template(
        "people/me_openings.html", opened=opened, columns_word=columns_word, most=SHOWN_MAX
    )
