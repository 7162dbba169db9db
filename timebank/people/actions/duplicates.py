"""Find at enrolment who may be registered already, by name and birth date.

Only digests of the birth date are compared. Two people with different id numbers are two people,
whatever else they share; without both numbers a person looks, and says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.refusals import DuplicateIdentity
from timebank.people.tables import person
from timebank.vault.cipher import Vault

_AT_ONCE = 1000
BIRTH_COLUMN = "person.birth"
_NAMESAKES = select(person.c.id, person.c.name, person.c.birth_digest, person.c.id_no_digest).where(
    person.c.community_id == bindparam("of_community"), among(person.c.name, "names"),
    person.c.birth_digest.is_not(None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody with the name, by what their birth date is compared."""

    birth_digest: bytes
    has_id_no: bool


def require_new(
    session: Session, community_id: int, rows: Sequence[dict[str, Any]], vault: Vault
) -> None:
    """Check that nobody of the same name and birth date is registered, here or among the rows.

    **Refuses**: ``DuplicateIdentity`` with ``why``, without saying who it is.
    """
    dated = [row for row in rows if row["birth_digest"] is not None]
    known = _namesakes(session, community_id, sorted({row["name"] for row in dated}))
    for row in dated:
        digests = tuple(_digests(row, vault))
        has_id_no = row["id_no_digest"] is not None
        for other in known[row["name"]]:
            if other.birth_digest in digests and not (other.has_id_no and has_id_no):
                raise DuplicateIdentity(why="name_and_birth")
        known[row["name"]].append(_Known(row["birth_digest"], has_id_no))


def _namesakes(
    session: Session, community_id: int, names: Sequence[str]
) -> defaultdict[str, list[_Known]]:
    known: defaultdict[str, list[_Known]] = defaultdict(list)
    for start in range(0, len(names), _AT_ONCE):
        asked = {"of_community": community_id, "names": names[start : start + _AT_ONCE]}
        for row in session.execute(_NAMESAKES, asked):
            known[row.name].append(_Known(bytes(row.birth_digest), row.id_no_digest is not None))
    return known


def _digests(row: dict[str, Any], vault: Vault) -> Iterator[bytes]:
    """The digests that may be stored; while the key is being replaced, also by the old one."""
    yield row["birth_digest"]
    if len(vault.key_ids) > 1:
        yield from vault.digests(BIRTH_COLUMN, vault.open(row["birth_sealed"], BIRTH_COLUMN))[1:]
