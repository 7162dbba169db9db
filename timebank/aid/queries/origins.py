"""Which pieces of other households count for one: those that its people brought, as long as it is
so."""

from sqlalchemy import or_

from timebank.aid.tables import household_origin
from timebank.people.queries.merges import is_undone

# What a second record of somebody brought counts until the merge is taken back.
ORIGIN_HOLDS = or_(
    household_origin.c.merge_id.is_(None),
    ~is_undone(household_origin.c.community_id, household_origin.c.merge_id),
)
