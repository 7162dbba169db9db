"""Find at enrolment who may be registered already: by document, name and birth date, or phone.

Only digests are compared. Two people with different id numbers are two people, whatever else they
share; without both numbers a person looks, and says so. A family may share one phone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.refusals import DuplicateIdentity
from timebank.people.tables import person
from timebank.vault.cipher import Vault

_AT_ONCE = 1000
_NAMESAKES = select(person.c.id, person.c.name, person.c.birth_digest, person.c.id_no_digest).where(
    person.c.community_id == bindparam("of_community"), among(person.c.name, "names"),
    person.c.birth_digest.is_not(None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody with the name, by what their birth date is compared."""

    birth_digest: bytes
    has_id_no: bool


def require_new_numbers(
    session: Session, community_id: int, rows: Sequence[dict[str, Any]], vault: Vault
) -> None:
    """Check that no id number is registered, or stands among the rows twice.

    **Refuses**: ``DuplicateIdentity`` with the ``row``, without saying whose number it is.
    """
    for at in known_numbers(session, community_id, rows, vault):
        raise DuplicateIdentity(row=at)


def known_numbers(
    session: Session, community_id: int, rows: Sequence[dict[str, Any]], vault: Vault
) -> Iterator[int]:
    """The rows whose id number is registered, or stands in a row before."""
    at_digest: dict[bytes, int] = {}
    for at, row in enumerate(rows):
        for digest in _digests(row, vault, "id_no") if row["id_no_digest"] is not None else ():
            if digest in at_digest:
                yield at
            at_digest[digest] = at
    for some in _chunks(list(at_digest)):
        known = select(person.c.id_no_digest).where(
            person.c.community_id == community_id, person.c.id_no_digest.in_(some)
        )
        for found in session.scalars(known):
            yield at_digest[bytes(found)]


def require_new(
    session: Session, community_id: int, rows: Mapping[int, dict[str, Any]], vault: Vault
) -> None:
    """Check that nobody of the same name and birth date is registered, here or among the rows.

    **Refuses**: ``DuplicateIdentity`` with ``why`` and the ``row``, without saying who it is.
    """
    for at in known_namesakes(session, community_id, rows, vault):
        raise DuplicateIdentity(why="name_and_birth", row=at)


def known_namesakes(
    session: Session, community_id: int, rows: Mapping[int, dict[str, Any]], vault: Vault
) -> Iterator[int]:
    """The rows with the name and birth date of somebody else, unless both have an id number."""
    dated = {at: row for at, row in rows.items() if row["birth_digest"] is not None}
    known = _namesakes(session, community_id, sorted({row["name"] for row in dated.values()}))
    for at, row in dated.items():
        digests = tuple(_digests(row, vault, "birth"))
        has_id_no = row["id_no_digest"] is not None
        if any(
            other.birth_digest in digests and not (other.has_id_no and has_id_no)
            for other in known[row["name"]]
        ):
            yield at
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


def require_new_phones(
    session: Session, community_id: int, rows: Mapping[int, dict[str, Any]], vault: Vault
) -> None:
    """Check that nobody outside a household has the phone number of somebody new in it.

    Whoever lives elsewhere and helps or works here is not asked about.

    **Refuses**: ``DuplicateIdentity`` with ``why`` and the ``row``, without saying who it is.
    """
    for at in known_phones(session, community_id, rows, vault):
        raise DuplicateIdentity(why="phone", row=at)


def known_phones(
    session: Session, community_id: int, rows: Mapping[int, dict[str, Any]], vault: Vault
) -> Iterator[int]:
    """The rows with the phone number of somebody who is registered outside the household."""
    at_digest = {
        digest: at
        for at, row in reversed(list(rows.items()))
        if row["phone_digest"] is not None and row["household_id"] is not None
        for digest in _digests(row, vault, "phone")
    }
    for some in _chunks(list(at_digest)):
        of_phones = select(
            person.c.household_id, person.c.phone_digest, person.c.id_no_digest
        ).where(person.c.community_id == community_id, person.c.phone_digest.in_(some))
        for known in session.execute(of_phones):
            at = at_digest[bytes(known.phone_digest)]
            is_family = rows[at]["household_id"] == known.household_id
            has_both = known.id_no_digest is not None and rows[at]["id_no_digest"] is not None
            if not is_family and not has_both:
                yield at


def _digests(row: dict[str, Any], vault: Vault, name: str) -> Iterator[bytes]:
    """The digests that may be stored; while the key is being replaced, also by the old one."""
    yield row[f"{name}_digest"]
    if len(vault.key_ids) > 1:
        column = f"person.{name}"
        yield from vault.digests(column, vault.open(row[f"{name}_sealed"], column))[1:]


def _chunks(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
