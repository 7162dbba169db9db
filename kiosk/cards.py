"""A card is presented in a visit: who holds it, their preferences, and what they can pick up.

A scanned card is known by the hash of its random code, offline too. A typed number is sent to the
server with the PIN and is never hashed or stored here: a kiosk can be stolen, and nine digits are
tried in minutes.
"""

import uuid
from collections.abc import Callable
from typing import TypeVar

from kiosk.desk import _, kiosk
from kiosk.outbox import NewEvent
from kiosk.server import ServerConnection, ServerDown
from kiosk.store import Identity
from kiosk.visit import Pickup, ScannedCard, Visit
from timebank.errors import TimebankError
from timebank.kiosks import wire
from timebank.people.refusals import CardRevoked, SignInFailed, TooManyTries

Told = TypeVar("Told")


def present_card(now: Visit, token: str) -> Visit:
    """Attach a scanned card to the visit. Another person's card ends it and begins a new one."""
    ref = ref_of(token)
    now = _visit_of(now, (ref,))
    now.card = card_of(ref)
    refresh_card(now)
    _greet(now)
    return now


def ref_of(token: str) -> str:
    """The hash of a scanned card on this kiosk."""
    identity = kiosk().outbox.identity
    assert identity is not None, "no page but pairing is reached before pairing"
    return wire.card_ref(identity.secret, token)


def _visit_of(now: Visit, refs: tuple[str, ...]) -> Visit:
    """This visit, or a new one if it belongs to another card."""
    here = kiosk()
    now.typed_no = None
    if now.card is None or set(refs) & {now.card.ref, *now.card.refs}:
        return now
    here.visits.end(now)
    return here.visits.begin()


def present_pin(now: Visit, pin: str) -> Visit | None:
    """Open a typed number, or a scanned card that asks for it, with the PIN. None if offline.

    The PIN is sent to the server and kept nowhere.

    **Refuses**: ``SignInFailed``, ``TooManyTries``, ``CardRevoked``.
    """
    ref = now.card.ref if now.card and now.typed_no is None else None
    knows_seq = kiosk().outbox.settled_seq()
    today = ask_server(wire.CardAsked(ref=ref, card_no=now.typed_no, pin=pin))
    if today is None or today.member is None or not today.member.refs:
        return None
    after = now.after_pin
    now = _visit_of(now, today.member.refs)
    now.grant, now.after_pin = today.grant, after
    now.card = _noted(today.member.refs[0], today.member, knows_seq=knows_seq)
    now.pickup, now.unread = Pickup(today.ready, None), today.unread
    _greet(now)
    return now


def refresh_card(now: Visit) -> None:
    """Ask the server for the current state of the card; offline, use the snapshot."""
    here = kiosk()
    if now.card is None or not here.sync.is_up:
        return
    knows_seq = here.outbox.settled_seq()
    today = ask_server(wire.CardAsked(ref=now.card.ref, grant=now.grant))
    if today is None:
        return
    now.pickup, now.unread = Pickup(today.ready, None), today.unread
    if today.member is None:
        now.card = card_of(now.card.ref)
        return
    if today.member.asks_pin and today.member.passbook is None:
        now.grant = None  # It has expired, or the PIN was never asked.
    now.card = _noted(now.card.ref, today.member, knows_seq=knows_seq)


def _noted(ref: str, member: wire.Member, *, knows_seq: int) -> ScannedCard:
    """Keep what the server just answered, for this visit and for looking it up again."""
    at = kiosk().clock()
    kiosk().known.note_card(member, at=at, knows_seq=knows_seq)
    return ScannedCard(ref, member, at)


def card_of(ref: str) -> ScannedCard:
    """Build a card from what the kiosk knows about it now."""
    seen = kiosk().known.seen(ref)
    return ScannedCard(ref, seen.member, seen.as_of) if seen else ScannedCard(ref)


def ask(question: Callable[[ServerConnection, Identity], Told]) -> Told | None:
    """Ask the server something else. Return None if it does not answer or does not know us."""
    here = kiosk()
    identity = here.outbox.identity
    if identity is None or not here.sync.is_up:
        return None
    try:
        return question(here.line, identity)
    except (ServerDown, TimebankError):
        here.sync.note_down()
        return None


def ask_server(request: wire.CardAsked) -> wire.CardToday | None:
    """Ask about one card or code. Return None if the server does not answer or does not know us.

    **Refuses**: ``TooManyTries`` after several wrong codes or PINs; ``SignInFailed`` and
    ``CardRevoked`` for a PIN.
    """
    here = kiosk()
    identity = here.outbox.identity
    if identity is None:
        return None
    try:
        return here.line.card(identity, request)
    except (TooManyTries, SignInFailed, CardRevoked):
        raise
    except (ServerDown, TimebankError):
        here.sync.note_down()
        return None


def _greet(now: Visit) -> None:
    member = now.member
    if member is None:
        assert now.card is not None
        body = wire.UnknownCardScanned(ref=now.card.ref)
        kiosk().outbox.record(NewEvent(str(uuid.uuid4()), body, now.id, now.card.actor))
        kiosk().sync.wake()
        now.card = None
        now.notice = _("这张卡还认不出来，请工作人员帮忙。存物品不用卡也可以。")
        return
    if member.revoked:
        now.card, now.pickup, now.grant = None, None, None
        now.notice = _("这张卡已经停用，请工作人员帮您换一张。")
        return
    now.language = member.language if member.language in ("zh", "en") else now.language
    now.large_text = now.large_text or member.large_text
