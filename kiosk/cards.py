"""A card is presented in a visit: who holds it, their preferences, and what they can pick up."""

import uuid

from kiosk.desk import _, kiosk
from kiosk.outbox import NewEvent
from kiosk.server import ServerDown
from kiosk.visit import Pickup, ScannedCard, Visit
from timebank.errors import TimebankError
from timebank.kiosks import wire
from timebank.people.refusals import TooManyTries


def present_card(now: Visit, text: str) -> Visit:
    """Attach a card to the visit. Another person's card ends the visit and begins a new one."""
    here = kiosk()
    identity = here.outbox.identity
    assert identity is not None, "no page but pairing is reached before pairing"
    ref = wire.card_ref(identity.secret, text)
    if now.card is not None and not _is_same(now.card, ref):
        here.visits.end(now)
        now = here.visits.begin()
    now.card = card_of(ref)
    refresh_card(now)
    _greet(now)
    return now


def _is_same(card: ScannedCard, ref: str) -> bool:
    return ref == card.ref or bool(card.member and ref in card.member.refs)


def refresh_card(now: Visit) -> None:
    """Ask the server for the current state of the card; offline, use the snapshot."""
    here = kiosk()
    if now.card is None or not here.sync.is_up:
        return
    knows_seq = here.outbox.settled_seq()
    today = ask_server(wire.CardAsked(ref=now.card.ref))
    if today is None:
        return
    if today.member is not None:
        here.known.note_card(today.member, at=here.clock(), knows_seq=knows_seq)
    now.card = card_of(now.card.ref)
    now.pickup = Pickup(today.ready, None)


def card_of(ref: str) -> ScannedCard:
    """Build a card from what the kiosk knows about it now."""
    seen = kiosk().known.seen(ref)
    return ScannedCard(ref, seen.member, seen.as_of) if seen else ScannedCard(ref)


def ask_server(request: wire.CardAsked) -> wire.CardToday | None:
    """Ask about one card or code. Return None if the server does not answer or does not know us.

    **Refuses**: ``TooManyTries`` after several wrong codes.
    """
    here = kiosk()
    identity = here.outbox.identity
    if identity is None:
        return None
    try:
        return here.line.card(identity, request)
    except TooManyTries:
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
        now.card, now.pickup = None, None
        now.notice = _("这张卡已经停用，请工作人员帮您换一张。")
        return
    now.language = member.language if member.language in ("zh", "en") else now.language
    now.large_text = now.large_text or member.large_text
