"""Where a community is, and whom its neighbours ask."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import built
from timebank.deeds.tables import community


@dataclass(frozen=True, slots=True)
class Contact:
    """The street office and its telephone; empty in a community that never gave them."""

    street: str | None
    contact_name: str | None
    contact_phone: str | None


_CONTACT = select(*(community.c[name] for name in Contact.__slots__)).where(
    community.c.id == bindparam("of_community")
)


def contact_of(session: Session, community_id: int) -> Contact:
    """Read the contact of a community that exists."""
    rows = session.execute(_CONTACT, {"of_community": community_id})
    return built(Contact, rows)[0]
