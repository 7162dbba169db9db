"""Who may come to the counter instead of somebody, as choices of a form."""

from typing import Any

from sqlalchemy.orm import Session

from timebank.people.queries import briefs, mandates_of
from timebank.people.rules.mandates import CLAIM
from timebank.values import By
from web import units
from web.forms import named
from web.people.sight import shown_name
from web.reader import gettext as _


def agents_of(session: Session, by: By, person_id: int | None) -> list[Any]:
    """The person, and those whose mandate to claim for them is in force; empty without any."""
    if person_id is None:
        return []
    given = [one for one in mandates_of(session, by.community_id, person_id) if one.covers(CLAIM)]
    ids = {one for held in given for one in (held.person_id, held.agent_person_id)}
    people = briefs(session, by.community_id, ids) if ids else {}
    agents = [
        (str(held.agent_person_id), shown_name(by, people[held.agent_person_id]))
        for held in given
        if held.is_in_force(people[held.person_id], units.today())
    ]
    return named(("", _("本人来的")), *agents) if agents else []
