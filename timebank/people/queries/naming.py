"""Find people by what a list says of them: an id number, or a name with birth date or phone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.people.tables import person
from timebank.vault.cipher import Vault, vault_of

_AT_ONCE = 1000
_COLUMNS = (person.c.id, person.c.name, person.c.birth_digest, person.c.phone_digest)
_LIVING = (person.c.community_id == bindparam("of_community"), person.c.away_since_on.is_(None))
_BY_NAME = select(*_COLUMNS).where(*_LIVING, among(person.c.name, "names"))


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody as a list describes them."""

    name: str
    id_no: str = field(default="", repr=False)
    birth_on: date | None = None
    phone: str = field(default="", repr=False)


def described_people(
    session: Session, community_id: int, wanted: Sequence[Described]
) -> list[set[int]]:
    """The people who fit each description; only one is an answer."""
    vault = vault_of(session)
    by_number = _by_number(session, community_id, wanted, vault)
    by_name: dict[str, list[Any]] = {}
    names = sorted({one.name for one in wanted})
    for start in range(0, len(names), _AT_ONCE):
        asked = {"of_community": community_id, "names": names[start : start + _AT_ONCE]}
        for row in session.execute(_BY_NAME, asked):
            by_name.setdefault(row.name, []).append(row)
    return [
        by_number.get(one.id_no, set())
        if one.id_no
        else {row.id for row in by_name.get(one.name, ()) if _fits(row, one, vault)}
        for one in wanted
    ]


def _fits(row: Any, one: Described, vault: Vault) -> bool:
    """Tell whether birth date and phone are those of the row, as far as the list has them."""
    birth = one.birth_on.isoformat() if one.birth_on else ""
    return all(
        not text or (stored is not None and bytes(stored) in vault.digests(column, text))
        for text, stored, column in (
            (birth, row.birth_digest, "person.birth"),
            (one.phone, row.phone_digest, "person.phone"),
        )
    )


def _by_number(
    session: Session, community_id: int, wanted: Sequence[Described], vault: Vault
) -> dict[str, set[int]]:
    numbers = {
        digest: one.id_no
        for one in wanted
        if one.id_no
        for digest in vault.digests("person.id_no", one.id_no)
    }
    ids_by_number: dict[str, set[int]] = {}
    for some in _chunks(list(numbers)):
        rows = session.execute(
            select(person.c.id, person.c.id_no_digest).where(
                person.c.community_id == community_id, person.c.id_no_digest.in_(some),
                person.c.away_since_on.is_(None),
            )
        )  # fmt: skip
        for row in rows:
            ids_by_number.setdefault(numbers[bytes(row.id_no_digest)], set()).add(row.id)
    return ids_by_number


def _chunks(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
