"""Cards and their holders. A token is decrypted only to print a card or to hash it for a kiosk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from timebank.errors import NotFound
from timebank.people.queries.merged import kept_id, kept_of, records_of
from timebank.people.rules import read_card_no, read_card_token
from timebank.people.rules.names import mask_name
from timebank.people.tables import card as card_table
from timebank.people.tables import person, pin_wish
from timebank.vault.cipher import vault_of, vault_to_open

TOKEN_COLUMN = "card.token"
TOKEN_KIND = "card.token"


@dataclass(frozen=True, slots=True)
class CardHolder:
    """The holder of a card and their display preferences.

    ``asks_pin``: the household asked for the PIN before its cards open anything at a kiosk.
    """

    card_id: int
    person_id: int
    household_id: int | None
    name: str
    masked_name: str
    card_no: str
    revoked: bool
    language: str
    large_text: bool
    asks_pin: bool


@dataclass(frozen=True, slots=True)
class PinWish:
    """Since when a household asks for the PIN, and who asked."""

    household_id: int
    person_id: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its holder sees it, with the token in its QR code; None if it cannot be read."""

    id: int
    person_id: int
    card_no: str
    token: str | None
    has_pin: bool
    language: str
    large_text: bool
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class LivingCard:
    """A valid card with its token, for the list of hashes that a kiosk keeps."""

    holder: CardHolder
    token: str


def _holders() -> Select[Any]:
    return select(
        card_table.c.id,
        person.c.id.label("person_id"),
        person.c.household_id,
        person.c.name,
        card_table.c.card_no,
        card_table.c.revoked_at,
        card_table.c.language,
        card_table.c.large_text,
        pin_wish.c.id.is_not(None).label("asks_pin"),
    ).select_from(
        card_table.join(
            person,
            and_(
                person.c.community_id == card_table.c.community_id,
                person.c.id == kept_id(card_table.c.community_id, card_table.c.person_id),
            ),
        ).outerjoin(
            pin_wish, and_(_living_wish(), pin_wish.c.household_id == person.c.household_id)
        )
    )


def _living_wish() -> Any:
    return and_(pin_wish.c.community_id == person.c.community_id, pin_wish.c.ended_at.is_(None))


def _holder(row: Row[Any]) -> CardHolder:
    return CardHolder(
        card_id=row.id,
        person_id=row.person_id,
        household_id=row.household_id,
        name=row.name,
        masked_name=mask_name(row.name),
        card_no=row.card_no,
        revoked=row.revoked_at is not None,
        language=row.language,
        large_text=row.large_text,
        asks_pin=bool(row.asks_pin),
    )


def card_condition(session: Session, token_or_no: str) -> Any:
    """The condition that finds a card by scanned token or typed number; None for any other text."""
    if token := read_card_token(token_or_no):
        return card_table.c.token_digest.in_(vault_of(session).digests(TOKEN_KIND, token))
    if number := read_card_no(token_or_no):
        return card_table.c.card_no == number
    return None


def card_holder(session: Session, community_id: int, token_or_no: str) -> CardHolder | None:
    """The holder of a scanned or typed card, revoked cards included; None for any other text."""
    condition = card_condition(session, token_or_no)
    if condition is None:
        return None
    row = session.execute(
        _holders().where(card_table.c.community_id == community_id, condition)
    ).first()
    return None if row is None else _holder(row)


def holder_of_card(session: Session, community_id: int, card_id: int) -> CardHolder:
    """The holder of one card, valid or revoked. **Refuses**: ``NotFound``."""
    row = session.execute(
        _holders().where(card_table.c.community_id == community_id, card_table.c.id == card_id)
    ).first()
    if row is None:
        raise NotFound(kind="card")
    return _holder(row)


def pin_wish_of(session: Session, community_id: int, household_id: int | None) -> PinWish | None:
    """The wish of a household to be asked for the PIN, or None."""
    row = session.execute(
        select(pin_wish.c.household_id, pin_wish.c.person_id, pin_wish.c.asked_at).where(
            pin_wish.c.community_id == community_id,
            pin_wish.c.household_id == household_id,
            pin_wish.c.ended_at.is_(None),
        )
    ).first()
    return None if row is None else PinWish(row.household_id, row.person_id, row.asked_at)


def card_holders(session: Session, community_id: int) -> list[CardHolder]:
    """Every card ever issued, valid or revoked."""
    rows = session.execute(
        _holders().where(card_table.c.community_id == community_id).order_by(card_table.c.id)
    )
    return [_holder(row) for row in rows]


def living_cards(session: Session, community_id: int) -> list[LivingCard]:
    """Every valid card with its token, for the list of hashes that a kiosk keeps.

    A card whose token cannot be read is left out, until it can be read again.
    """
    vault = vault_to_open(session)
    rows = session.execute(
        _holders()
        .add_columns(card_table.c.token_sealed)
        .where(card_table.c.community_id == community_id, card_table.c.revoked_at.is_(None))
        .order_by(card_table.c.id)
    )
    return [
        LivingCard(_holder(row), token)
        for row in rows
        if (token := vault.open_or_none(row.token_sealed, TOKEN_COLUMN)) is not None
    ]


def _card_where(session: Session, community_id: int, condition: Any) -> Card | None:
    row = session.execute(
        select(card_table, kept_of(card_table).label("kept_id"))
        .where(card_table.c.community_id == community_id, condition)
        .order_by(card_table.c.issued_at.desc(), card_table.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Card(
        id=row.id,
        person_id=row.kept_id,
        card_no=row.card_no,
        token=vault_to_open(session).open_or_none(row.token_sealed, TOKEN_COLUMN),
        has_pin=row.pin_hash is not None,
        language=row.language,
        large_text=row.large_text,
        issued_at=row.issued_at,
        revoked_at=row.revoked_at,
    )


def card_of_person(session: Session, community_id: int, person_id: int) -> Card | None:
    """The valid card of a person, or None; only the holder and the counter may see it.

    Of a person with two records: the newest one.
    """
    own = card_table.c.person_id.in_(records_of(community_id, [person_id]))
    living = and_(own, card_table.c.revoked_at.is_(None))
    return _card_where(session, community_id, living)


def cards_of_people(
    session: Session, community_id: int, person_ids: Iterable[int]
) -> dict[int, CardHolder]:
    """The valid cards of some people, by person and without tokens: for staff."""
    rows = session.execute(
        _holders()
        .where(
            card_table.c.community_id == community_id,
            card_table.c.person_id.in_(records_of(community_id, set(person_ids))),
            card_table.c.revoked_at.is_(None),
        )
        .order_by(card_table.c.issued_at, card_table.c.id)
    )
    return {row.person_id: _holder(row) for row in rows}


def card(session: Session, community_id: int, card_id: int) -> Card:
    """A card by its id, to print it at the counter. **Refuses**: ``NotFound``."""
    found = _card_where(session, community_id, card_table.c.id == card_id)
    if found is None:
        raise NotFound(kind="card")
    return found
