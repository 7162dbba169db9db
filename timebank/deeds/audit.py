"""The audit trail: one line per deed. It never contains an id number, phone or token."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert

from timebank.deeds.deed import Deed
from timebank.deeds.tables import audit_line
from timebank.values import new_id

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
