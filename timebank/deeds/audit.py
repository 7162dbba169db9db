"""One line for each deed: who, when, what, to whom. Never an id number, phone or token.

Also the check that most actions begin with: does this person hold a role for it?
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert

from timebank.deeds.deed import Deed
from timebank.deeds.tables import audit_line
from timebank.errors import NotAllowed
from timebank.values import By, new_id

_NEW_LINE = insert(audit_line)


def audit(
    deed: Deed,
    *,
    name: str,
    subject_kind: str,
    subject_id: int | None = None,
    facts: Mapping[str, object] | None = None,
) -> int:
    """Write one audit line; ``facts`` are plain values that may be shown to an auditor."""
    line_id = new_id()
    deed.session.execute(
        _NEW_LINE,
        {
            "community_id": deed.community_id,
            "id": line_id,
            "at": deed.now,
            "client": deed.by.client,
            "channel": deed.by.channel,
            "user_id": deed.by.user_id,
            "person_id": deed.by.person_id,
            "name": name,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "facts": msgspec.json.encode(dict(facts or {}), order="deterministic").decode(),
        },
    )
    return line_id


def require(by: By, deed: str, *names: str, grid_id: int | None = None) -> None:
    """Check that somebody holds one of the roles, for the grid if one is given.

    **Refuses**: ``NotAllowed``, before anything is read, so that the answer tells nothing.
    """
    if not any(
        role.name in names and (role.place_id is None or role.place_id == grid_id)
        for role in by.roles
    ):
        raise NotAllowed(deed=deed)
