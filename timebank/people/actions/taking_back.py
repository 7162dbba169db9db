"""Remove households and people that were enrolled by mistake, while nothing knows of them.

Whoever has done or received anything here is never removed: they move away, and their history
stays. The caller has checked that nothing in the books is theirs.
"""

from collections.abc import Collection

from sqlalchemy import Table, bindparam, delete, select

from timebank.db import among, first_reference
from timebank.deeds.deed import Deed
from timebank.people.tables import household, organisation, person


def remove_enrolled(
    deed: Deed, *, household_ids: Collection[int], person_ids: Collection[int]
) -> str | None:
    """Remove people and their households; return what knows of them, and remove nothing then."""
    asked_of = (deed.session, deed.community_id)
    found = first_reference(*asked_of, person_ids, of=person) or first_reference(
        *asked_of, household_ids, of=household, besides=(person,)
    )
    if found is not None:
        return found
    left = select(person.c.id).where(
        person.c.community_id == bindparam("of_community"), among(person.c.household_id, "homes"),
        ~among(person.c.id, "ids"),
    )  # fmt: skip
    asked = {"of_community": deed.community_id, "homes": household_ids, "ids": person_ids}
    if deed.session.execute(left.limit(1), asked).first() is not None:
        return "person"  # Somebody moved in since.
    _remove(deed, person, person_ids)
    _remove(deed, household, household_ids)
    return None


def remove_organisations(deed: Deed, *, organisation_ids: Collection[int]) -> str | None:
    """Remove firms and groups; return what knows of them, and remove nothing then."""
    found = first_reference(deed.session, deed.community_id, organisation_ids, of=organisation)
    if found is None:
        _remove(deed, organisation, organisation_ids)
    return found


def _remove(deed: Deed, of: Table, ids: Collection[int]) -> None:
    gone = delete(of).where(of.c.community_id == bindparam("of_community"), among(of.c.id, "ids"))
    deed.session.execute(gone, {"of_community": deed.community_id, "ids": ids})
