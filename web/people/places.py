"""What the pages of staff name: places of roles, and the roles that take two people."""

from timebank.people.queries import places
from timebank.people.rules.invitations import ROLES_BY_TWO
from timebank.values import By
from web import units
from web.formats import own_name
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import language


def place_names(by: By) -> dict[int, str]:
    """The grids and sites at which a role can be held, in the reader's language."""
    with units.reading() as session:
        found = [place for place in places(session, by.community_id) if place.kind != "building"]
    return {one.id: own_name(one, language()) for one in found}


def weighty_roles() -> str:
    """The roles that a second person confirms, in one line."""
    return _("、").join(str(ROLES[name]) for name in ROLES if name in ROLES_BY_TWO)
