"""Cards: issue in the set-up, report lost, PIN and preferences.

A receipt never contains the token: receipts are stored for good, tokens are encrypted. To print a
card, read its token with ``queries.card``. At the counter two people make one: ``card_issues.py``.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import may
from timebank.people.actions.devices import forget_devices
from timebank.people.actions.tries import clear_tries
from timebank.people.actions.visits import end_visits
from timebank.people.guessing import check_new_pin
from timebank.people.passwords import hash_secret, is_secret_of
from timebank.people.queries import person_brief
from timebank.people.queries.cards import TOKEN_COLUMN, TOKEN_KIND
from timebank.people.queries.merged import kept_of, records_of
from timebank.people.refusals import CardRevoked, SignInFailed
from timebank.people.rules import (
    CARD_NO_STEMS,
    LANGUAGES,
    TOKEN_NUMBERS,
    card_no,
    card_token,
    check_pin,
)
from timebank.people.rules.throttles import CARD, SCAN
from timebank.people.sight import people_reached, reaches
from timebank.people.tables import card, person
from timebank.typed import code_in
from timebank.values import new_id
from timebank.vault.cipher import Vault, vault_to_seal

REVOKED_WHY = ("lost", "reissued", "damaged", "left")


@dataclass(frozen=True, slots=True)
class CardIssued:
    """A new card; ``replaced_card_id`` is the old card that it invalidates."""

    card_id: int
    person_id: int
    card_no: str
    replaced_card_id: int | None = None


@dataclass(frozen=True, slots=True)
class CardsIssued:
    cards: tuple[CardIssued, ...]


@dataclass(frozen=True, slots=True)
class CardStopped:
    card_id: int
    why: str


@dataclass(frozen=True, slots=True)
class CardSet:
    """A card whose PIN or preferences were changed."""

    card_id: int


@action("issue_card")
def issue_card(
    deed: Deed,
    *,
    person_id: int,
    pin: str | None = None,
    language: str = "zh",
    large_text: bool = False,
) -> CardIssued:
    """Issue a card in the set-up of a community, in which nobody acts; it may give a ``pin``.

    At the counter a card needs two people: ``ask_card`` and ``give_card``.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for PIN or language.
    """
    _require_set_up(deed, "issue_card")
    check_language(language)
    people_reached(deed.session, deed.by, [person_id], may.SERVE_CARDS)
    pin_hash = None if pin is None else hash_secret(deed.session, check_pin(pin))
    issued = write_card(
        deed, person_id, language=language, large_text=large_text, pin_hash=pin_hash
    )
    audit(
        deed,
        name="issue_card",
        subject_kind="person",
        subject_id=person_id,
        facts={
            "card_no": issued.card_no,
            "replaced_card_id": issued.replaced_card_id,
            "with_pin": pin is not None,
        },
    )
    return issued


def write_card(
    deed: Deed, person_id: int, *, language: str, large_text: bool, pin_hash: str | None = None
) -> CardIssued:
    """Insert a new card and stop every old one; without another PIN the old one stays.

    The balance belongs to the person and does not change.
    """
    lock_people(deed.session, deed.community_id, (person_id,))
    require_here(deed, person_id)
    old_id, old_hash = _newest_card(deed, person_id)
    stop_cards_of(deed, person_id, "reissued")
    row = next(_new_cards(deed.session, deed.community_id, (person_id,), now=deed.now))
    row |= {"pin_hash": pin_hash or old_hash, "language": language, "large_text": large_text}
    deed.session.execute(insert(card), [row])
    return CardIssued(row["id"], person_id, row["card_no"], old_id)


def _require_set_up(deed: Deed, name: str) -> None:
    """**Refuses**: ``NotAllowed`` to every person: nobody makes a card alone."""
    may.SERVE_CARDS.require(deed.by)
    if deed.by.person_id is not None:
        raise NotAllowed(deed=name)


@action("issue_cards")
def issue_cards(deed: Deed, *, person_ids: tuple[int, ...]) -> CardsIssued:
    """Issue first cards to many people in the set-up of a community, without PINs.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if somebody has a card already.
    """
    _require_set_up(deed, "issue_cards")
    if len(set(person_ids)) < len(person_ids):
        raise BadInput(field="person_ids", why="repeated")
    people_reached(deed.session, deed.by, list(person_ids), may.SERVE_CARDS)
    lock_people(deed.session, deed.community_id, person_ids)
    wanted = set(person_ids)
    holders = deed.session.scalars(
        select(card.c.person_id).where(
            card.c.community_id == deed.community_id, card.c.revoked_at.is_(None)
        )
    )
    if wanted & set(holders):
        raise WrongState(kind="card", state="has_card")
    rows = list(_new_cards(deed.session, deed.community_id, person_ids, now=deed.now))
    if rows:
        deed.session.execute(insert(card), rows)
    audit(deed, name="issue_cards", subject_kind="person", facts={"cards": len(rows)})
    return CardsIssued(
        tuple(CardIssued(row["id"], row["person_id"], row["card_no"]) for row in rows)
    )


@action("revoke_card")
def revoke_card(deed: Deed, *, card_id: int, why: str = "lost") -> CardStopped:
    """Stop a card at once: the holder reports it lost, or the counter takes it back.

    **Refuses**: ``NotFound``, also for a card of somebody out of sight; ``CardRevoked`` if
    it was stopped before.
    """
    if why not in REVOKED_WHY:
        raise BadInput(field="why", why="unknown")
    own_or_counter(deed, card_id)
    _stop(deed, card_id, why)
    audit(deed, name="revoke_card", subject_kind="card", subject_id=card_id, facts={"why": why})
    return CardStopped(card_id, why)


@action("set_pin")
def set_pin(deed: Deed, *, card_id: int, pin: str, old_pin: str = "") -> CardSet:
    """Set the PIN of one's own card, against the old one. Staff need two people: ``reset_pin``.

    All visits of the person end, so that a copied cookie is worth nothing, and no device is known
    any more. Failed attempts at the old PIN count no longer.

    **Refuses**: ``NotAllowed``; ``NotFound``, also for a card of somebody out of sight;
    ``CardRevoked``; ``BadInput``; ``SignInFailed`` for the old PIN.
    """
    tidy = check_pin(pin)
    row = own_or_counter(deed, card_id)
    if row.person_id != deed.by.person_id:
        raise NotAllowed(deed="set_pin")
    if row.pin_hash is not None and not is_secret_of(row.pin_hash, code_in(old_pin)):
        raise SignInFailed(field="old_pin")
    check_new_pin(deed, tidy, person_id=row.person_id)
    _change(deed.session, deed.community_id, card_id, {"pin_hash": hash_secret(deed.session, tidy)})
    clear_tries(deed.session, deed.community_id, (CARD, row.card_no), (SCAN, row.card_no))
    forget_devices(deed.session, deed.by)
    end_visits(deed, why="pin", person_id=row.person_id)
    audit(deed, name="set_pin", subject_kind="card", subject_id=card_id)
    return CardSet(card_id)


@action("set_card_preferences")
def set_card_preferences(deed: Deed, *, card_id: int, language: str, large_text: bool) -> CardSet:
    """Set the display preferences for screens that read this card.

    **Refuses**: ``NotFound``, also for a card of somebody out of sight; ``CardRevoked``;
    ``BadInput``.
    """
    check_language(language)
    own_or_counter(deed, card_id)
    facts = {"language": language, "large_text": large_text}
    _change(deed.session, deed.community_id, card_id, facts)
    audit(deed, name="set_card_preferences", subject_kind="card", subject_id=card_id, facts=facts)
    return CardSet(card_id)


def check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise BadInput(field="language", why="unknown")


def _newest_card(deed: Deed, person_id: int) -> tuple[int | None, str | None]:
    """Find the card that a new one replaces, and the PIN of the card that the person had last."""
    row = deed.session.execute(
        select(card.c.id, card.c.pin_hash, card.c.revoked_at)
        .where(
            card.c.community_id == deed.community_id,
            card.c.person_id.in_(records_of(deed.community_id, [person_id])),
        )
        .order_by(card.c.issued_at.desc(), card.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None, None
    return (row.id if row.revoked_at is None else None), row.pin_hash


def own_or_counter(deed: Deed, card_id: int) -> Any:
    """Lock the card row and return it; allow its holder, and the counter that reaches the holder.

    All others get the same answer for every number, and so learn of no card.

    **Refuses**: ``NotFound``; ``CardRevoked``.
    """
    row: Any = deed.session.execute(
        select(
            kept_of(card),
            card.c.pin_hash,
            card.c.revoked_at,
            card.c.card_no,
        )
        .where(card.c.community_id == deed.community_id, card.c.id == card_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None or not _may_serve(deed, row.person_id):
        raise NotFound(kind="card")
    if row.revoked_at is not None:
        raise CardRevoked()
    return row


def _may_serve(deed: Deed, person_id: int) -> bool:
    if deed.by.person_id == person_id:
        return True
    holder = person_brief(deed.session, deed.community_id, person_id)
    return reaches(deed.by, may.SERVE_CARDS, holder.grid_id)


def lock_people(session: Session, community_id: int, person_ids: tuple[int, ...]) -> None:
    """Lock the persons in order, so that two counters never issue two valid cards to one person."""
    ordered = sorted(person_ids)
    for start in range(0, len(ordered), 1000):
        some = ordered[start : start + 1000]
        found = session.scalars(
            select(person.c.id)
            .where(person.c.community_id == community_id, person.c.id.in_(some))
            .order_by(person.c.id)
            .with_for_update(key_share=True)
        ).all()
        if len(found) < len(some):
            raise NotFound(kind="person")


def require_here(deed: Deed, person_id: int) -> None:
    """**Refuses**: ``WrongState`` for somebody who has moved away or died."""
    why = deed.session.scalar(
        select(person.c.away_why).where(
            person.c.community_id == deed.community_id, person.c.id == person_id
        )
    )
    if why is not None:
        raise WrongState(kind="person", state=why)


def _change(session: Session, community_id: int, card_id: int, cells: dict[str, Any]) -> None:
    session.execute(
        update(card)
        .where(card.c.community_id == community_id, card.c.id == card_id)
        .values(**cells)
    )


def _stop(deed: Deed, card_id: int, why: str) -> None:
    """Stop a card, and end the visits that it opened."""
    values = {"revoked_at": deed.now, "revoked_why": why}
    _change(deed.session, deed.community_id, card_id, values)
    end_visits(deed, why="card", card_id=card_id)


def stop_cards_of(deed: Deed, person_id: int, why: str) -> None:
    """Stop every card of somebody that still opens anything."""
    valid = deed.session.scalars(
        select(card.c.id).where(
            card.c.community_id == deed.community_id,
            card.c.person_id.in_(records_of(deed.community_id, [person_id])),
            card.c.revoked_at.is_(None),
        )
    ).all()
    for card_id in valid:
        _stop(deed, card_id, why)


def _new_cards(
    session: Session, community_id: int, person_ids: tuple[int, ...], *, now: datetime
) -> Iterator[dict[str, Any]]:
    vault = vault_to_seal(session)
    numbers = _free_numbers(session, community_id, len(person_ids))
    for person_id, number in zip(person_ids, numbers, strict=True):
        yield {
            "community_id": community_id,
            "id": new_id(),
            "person_id": person_id,
            "card_no": number,
            **_sealed_token(vault, _draw_token()),
            "pin_hash": None,
            "language": "zh",
            "large_text": False,
            "issued_at": now,
        }


def _sealed_token(vault: Vault, token: str) -> dict[str, bytes]:
    return {
        "token_sealed": vault.seal(token, TOKEN_COLUMN),
        "token_digest": vault.digest(TOKEN_KIND, token),
    }


def _draw_token() -> str:
    while True:
        token = card_token(secrets.randbelow(TOKEN_NUMBERS))
        if token is not None:
            return token


def _free_numbers(session: Session, community_id: int, count: int) -> list[str]:
    """Draw unused card numbers at random, so that nobody can guess the next one."""
    drawn: set[str] = set()
    while len(drawn) < count:
        fresh = {
            card_no(CARD_NO_STEMS[secrets.randbelow(len(CARD_NO_STEMS))])
            for _ in range(min(count - len(drawn), 1000))
        }
        printed = session.scalars(
            select(card.c.card_no).where(
                card.c.community_id == community_id, card.c.card_no.in_(sorted(fresh))
            )
        )
        drawn |= fresh - set(printed)
    return list(islice(drawn, count))
