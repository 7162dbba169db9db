"""A kiosk asks for one card or one pick-up code. What it gets depends on what was proven.

A scanned card opens itself, unless its household asked for the PIN. A typed number always needs
the PIN. The PIN is checked under the same throttles as on the web; the kiosk is the source.
"""

from sqlalchemy.orm import Session

from timebank.aid.actions import find_by_code
from timebank.aid.actions.codes import check_tries
from timebank.aid.refusals import WrongPickupCode
from timebank.aid.rules import WRONG_CODES_WINDOW
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import NotFound
from timebank.hours.rules import shares_household
from timebank.kiosks import wire
from timebank.kiosks.actions.cards import learn_cards, whose_card
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.actions.grants import is_granted, make_code_grant, make_grant
from timebank.kiosks.queries import (
    CardOwner,
    Device,
    card_today,
    closed_card,
    code_today,
    refs_of_card,
    reviews_since,
)
from timebank.messages.actions import mark_read
from timebank.people.actions import check_card_pin
from timebank.people.queries import (
    CardHolder,
    card_holder,
    holder_of_card,
    household_by_no,
)
from timebank.people.refusals import SignInFailed
from timebank.people.rules import read_card_no, read_household_no
from timebank.people.rules.throttles import Origin


def ask_card(database: Database, device: Device, request: wire.CardAsked) -> wire.CardToday:
    """The current state of a card, as far as it was proven.

    **Refuses**: ``SignInFailed``, ``TooManyTries``, ``CardRevoked`` for a PIN.
    """
    owner = _owner(database, device, request.ref)
    if request.pin is not None:
        return _ask_with_pin(database, device, request, owner)
    if owner is None:
        return wire.CardToday(None, ())
    with database.reading() as session:
        now = database.clock()
        is_open = not owner.asks_pin or is_granted(
            session, device, owner.card_id, request.grant, at=now
        )
        read = card_today if is_open else closed_card
        return read(session, device, now, owner=owner)


def proven_owner(
    database: Database, device: Device, *, ref: str, grant: str | None
) -> CardOwner | None:
    """The owner of a scanned card if it is open: with the PIN where its household asked for it."""
    owner = _owner(database, device, ref)
    if owner is None or owner.revoked or not owner.asks_pin:
        return None if owner is None or owner.revoked else owner
    with database.reading() as session:
        is_open = is_granted(session, device, owner.card_id, grant, at=database.clock())
    return owner if is_open else None


def mark_shown(
    database: Database, device: Device, owner: CardOwner, message_ids: tuple[int, ...]
) -> None:
    """Messages that a kiosk shows to their reader have been read."""
    if message_ids:
        database.write(
            lambda session, now: mark_read(
                Deed(session, by_device(device), now), owner.person_id, message_ids
            )
        )


def find_helped(database: Database, device: Device, question: wire.HelpedAsked) -> wire.HelpedFound:
    """The household of a typed number, and whether a helper would help their own.

    It says nothing else about the household, and opens nothing.
    """
    helper = _owner(database, device, question.ref)
    scanned = _owner(database, device, question.helped_ref)
    with database.reading() as session:
        found = _household_of(session, device, question.number or "")
    home_id = scanned.household_id if scanned else found
    own = helper.household_id if helper else None
    is_same = scanned is not None and helper is not None and scanned.person_id == helper.person_id
    return wire.HelpedFound(found, is_same or shares_household(own, home_id))


def _household_of(session: Session, device: Device, number: str) -> int | None:
    household_no = read_household_no(number, is_bare=True)
    if household_no is None:
        holder = card_holder(session, device.community_id, read_card_no(number) or "")
        return None if holder is None else holder.household_id
    try:
        return household_by_no(session, device.community_id, household_no).id
    except NotFound:
        return None


def _owner(database: Database, device: Device, ref: str | None) -> CardOwner | None:
    """The owner of a scanned card. A hash of a printed number proves nothing: it gives None."""
    if ref is None:
        return None
    owner = database.write(lambda session, now: whose_card(session, device, ref))
    return None if owner is None or owner.is_by_number else owner


def _ask_with_pin(
    database: Database, device: Device, request: wire.CardAsked, owner: CardOwner | None
) -> wire.CardToday:
    """Check the PIN. Attempts at a scanned card are counted apart from those at its number."""
    with database.reading() as session:
        text = request.card_no if owner is None else _number_of(session, device, owner)
    if not text:  # An unknown reference: there is nothing that a PIN could open.
        raise SignInFailed()
    now = database.clock()
    check_card_pin(
        database, community_id=device.community_id, card=text, pin=request.pin or "",
        origin=Origin(f"kiosk:{device.device_id}"), now=now, is_scanned=owner is not None,
    )  # fmt: skip
    with database.reading() as session:
        holder = card_holder(session, device.community_id, text)
        if holder is None or holder.revoked:
            raise SignInFailed()
        is_known = bool(refs_of_card(session, device, holder.card_id))
    if not is_known:
        database.write(lambda session, _: learn_cards(session, device))
    with database.reading() as session:
        today = card_today(session, device, now, owner=_owner_of(holder))
        grant = make_grant(session, device, holder.card_id, now=now)
    return wire.CardToday(today.member, today.ready, grant)


def _number_of(session: Session, device: Device, owner: CardOwner) -> str:
    return holder_of_card(session, device.community_id, owner.card_id).card_no


def _owner_of(holder: CardHolder) -> CardOwner:
    return CardOwner(
        card_id=holder.card_id,
        person_id=holder.person_id,
        household_id=holder.household_id,
        revoked=holder.revoked,
        asks_pin=holder.asks_pin,
    )


def find_claim(
    database: Database, device: Device, *, pickup_code: str, request_id: str
) -> wire.CardToday:
    """The claim of a pick-up code. Wrong codes are counted, also those of reported hand-overs.

    **Refuses**: ``TooManyTries``.
    """
    with database.reading() as session:
        now = database.clock()
        wrong = reviews_since(session, device, WrongPickupCode.code, now - WRONG_CODES_WINDOW)
        check_tries(Deed(session, by_device(device), now), beside=wrong)
    try:
        perform(
            database, find_by_code, by=by_device(device), request_id=request_id,
            store_id=device.store_id, pickup_code=pickup_code,
        )  # fmt: skip
    except WrongPickupCode:
        return wire.CardToday(None, ())
    with database.reading() as session:
        today = code_today(session, device, pickup_code, now=now)
        grants = [
            make_code_grant(session, device, ready_claim.claim_id, now=now)
            for ready_claim in today.ready
        ]
    return wire.CardToday(None, today.ready, grants[0] if grants else None)
