"""Steal a kiosk of the copy: what do its files give away, what do they open, what do they post?

The thief has the folder with its keys, knows a card number and even its PIN, and can run the agent.
Not here: a card that was found in the street. It opens its own passbook until it is reported lost.
"""

import hashlib
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kiosk.outbox import Outbox, StoredEvent
from kiosk.store import open_connection, read_key
from timebank.commands.drills.booth import Booth, Line, web_over
from timebank.commands.drills.copied import Copied, copied, said
from timebank.commands.drills.known import (
    PIN,
    DrillCase,
    count_of_transactions,
    pick_known,
    reviews_of,
)
from timebank.config import Settings
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.kiosks import actions, rules, wire
from timebank.kiosks.refusals import BadSignature, DeviceRevoked, PairingRefused
from timebank.people import queries as people
from timebank.private_files import InUse

_NUMBERS, _HASHES = re.compile(rb"(?<!\d)\d{9}(?!\d)"), re.compile(rb"[0-9a-f]{32,}")


@dataclass(frozen=True, slots=True)
class _Stolen:
    """The thief's copy, the code that paired it, and the event that had not been sent."""

    thief: Booth
    pairing_code: str
    unsent: StoredEvent


def lines_of(settings: Settings) -> Iterator[str]:
    """Rehearse it, finding by finding."""
    with copied(settings) as copy:
        known, line = pick_known(copy), Line(web_over(copy))
        shop = Booth(folder=copy.place / "shop", line=line)
        pairing_code = shop.pair(copy, known.store)
        yield from _used(shop, known)
        yield _run_twice(shop)
        shop.cut()
        unsent = shop.leave_goods(known.code)
        shop.close()
        thief = _copy_of(shop, copy.place / "thief")
        stolen = _Stolen(thief, pairing_code, unsent)
        yield from _read(copy, thief, known)
        yield _opened(thief, known)
        yield _warned(thief)
        yield from _ended(copy, stolen, known)
        thief.close()
        yield from _cloned(copy, known)


def _used(shop: Booth, known: DrillCase) -> Iterator[str]:
    """An ordinary day, which also shows that the rehearsal would notice what opens."""
    visit = shop.type_number(known.number, PIN)
    is_open = visit is not None and visit.card is not None
    yield said(is_open, "with the server a typed number opens with its PIN")
    shop.tap("/", "/end")
    given = shop.leave_goods(known.code)
    shop.round()
    yield said(shop.outcome(given)[0] == rules.POSTED, "what the kiosk sent before is in the books")


def _run_twice(shop: Booth) -> str:
    try:
        Outbox(shop.folder, clock=shop.clock).close()
    except InUse:
        return said(True, "a second agent on the same outbox is refused")
    return said(False, "a second agent on the same outbox is refused")


def _copy_of(booth: Booth, folder: Path) -> Booth:
    """Copy the folder of a kiosk to another machine, without a network at first."""
    shutil.copytree(booth.folder, folder)
    return Booth(folder=folder, line=Line(booth.line.app, is_cut=True))


def _read(copy: Copied, thief: Booth, known: DrillCase) -> Iterator[str]:
    """Try every number in use, as a thief would try all that there can be."""
    with copy.database.reading() as session:
        numbers = {
            card_holder.card_no for card_holder in people.card_holders(session, copy.community_id)
        }
    content = b"\n".join(_content(thief.folder))
    written = {word.decode() for word in _NUMBERS.findall(content)}
    hashes = {word.decode()[:32] for word in _HASHES.findall(content)}
    ways = _ways(thief.identity.secret)
    computed = {number for number in numbers for way in ways if way(number)[:32] in hashes}
    yield said(
        ways[0](known.code) in hashes, "the files hold hashes of cards, of their random code"
    )
    yield said(known.code.encode() not in content, "but no code")
    yield said(not numbers & written, f"none of {len(numbers)} card numbers is in the files")
    yield said(not computed, f"and none can be computed from them ({len(computed)} were)")


def _ways(secret: bytes) -> list[Callable[[str], str]]:
    """The hashes that a thief would try, first the one of the kiosk itself."""
    plain = [partial(_hashed, name) for name in ("sha256", "sha1", "md5")]
    return [partial(wire.card_ref, secret), *plain]


def _hashed(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


def _content(folder: Path) -> Iterator[bytes]:
    """The bytes of the files, and every value in the outbox, which may be cut over its pages."""
    yield from (path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    with closing(open_connection(folder / "outbox.sqlite", Outbox.PRAGMAS)[0]) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for name in names:
            for row in db.execute(f"SELECT * FROM {name}"):
                yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def _opened(thief: Booth, known: DrillCase) -> str:
    visit = thief.type_number(known.number, PIN)
    is_shut = visit is not None and visit.card is None and visit.pickup is None
    return said(
        is_shut, "offline a typed number opens neither passbook nor pick-up, even with its PIN"
    )


def _warned(thief: Booth) -> str:
    """The machine that was stolen still is the kiosk of the shop."""
    members = len(thief.kiosk.known.snapshot.members)
    return (
        f"! until the kiosk is ended, its key signs for the {members} cards of its list, and asks"
        " for their passbooks and reservations: end it at once"
    )


def _ended(copy: Copied, stolen: _Stolen, known: DrillCase) -> Iterator[str]:
    """The coordinator ends the kiosk; the thief goes online."""
    thief, device_id = stolen.thief, int(stolen.thief.identity.device)
    perform(
        copy.database, actions.revoke_device, by=copy.by("coordinator"),
        request_id=str(uuid.uuid4()), device_id=device_id, why="stolen",
    )  # fmt: skip
    thief.line.is_cut = False
    yield from _asked(thief, stolen.pairing_code, known)
    before = count_of_transactions(copy)
    forged = thief.leave_goods(known.code)
    thief.round()
    yield said(_replayed(thief), "a request that was sent before is refused: its nonce is used")
    for event, what in (
        (stolen.unsent, "was signed before the theft and not sent"),
        (forged, "the thief signs"),
    ):
        waits = thief.outcome(event) == (rules.REVIEW, rules.DEVICE_REVOKED)
        yield said(waits, f"what {what} is stored and waits for staff")
    yield said(before == count_of_transactions(copy), "and nothing of it is in the books")
    _post(copy, device_id, stolen.unsent.seq)
    is_posted = count_of_transactions(copy) == before + 1
    yield said(is_posted, "staff can post what really happened, piece by piece")


def _asked(thief: Booth, pairing_code: str, known: DrillCase) -> Iterator[str]:
    """Every question that a kiosk can ask, by one that was ended."""
    line, identity = thief.kiosk.line, thief.identity
    ref = wire.card_ref(identity.secret, known.code)
    key = wire.public_key(read_key(thief.folder, identity.fingerprint))
    questions: list[tuple[str, type[TimebankError], Callable[[], object]]] = [
        ("the list of cards", DeviceRevoked, lambda: line.snapshot(identity, "")),
        ("a scanned card", DeviceRevoked, lambda: line.card(identity, wire.CardAsked(ref=ref))),
        (
            "a typed number with its PIN",
            DeviceRevoked,
            lambda: line.card(identity, wire.CardAsked(card_no=known.number, pin=PIN)),
        ),
        ("its pairing code", PairingRefused, lambda: line.pair(pairing_code, key)),
    ]
    for what, refusal, ask in questions:
        yield said(_is_refused(ask, refusal), f"once the kiosk is ended, the server refuses {what}")


def _is_refused(ask: Callable[[], object], refusal: type[TimebankError]) -> bool:
    try:
        ask()
    except TimebankError as why:
        return isinstance(why, refusal)
    return False


def _replayed(thief: Booth) -> bool:
    last = thief.line.last
    assert last is not None, "the thief has just sent something"
    reply = thief.line(last)
    return reply.status == BadSignature.status and BadSignature.code.encode() in reply.body


def _post(copy: Copied, device_id: int, seq: int) -> None:
    """Post a reviewed event, as a keeper would after asking the people."""
    review_id = reviews_of(copy, device_id).get((seq, rules.DEVICE_REVOKED))
    if review_id is not None:
        perform(
            copy.database, actions.settle_review, by=copy.by("keeper"),
            request_id=str(uuid.uuid4()), review_id=review_id, how=rules.POST, note="",
        )  # fmt: skip


def _cloned(copy: Copied, known: DrillCase) -> Iterator[str]:
    """The thief copies the folder and puts the machine back: two agents, one outbox."""
    shop = Booth(folder=copy.place / "second", line=Line(web_over(copy)))
    shop.pair(copy, known.store)
    clone = _copy_of(shop, copy.place / "clone")
    honest, other = shop.leave_goods(), clone.leave_goods()
    shop.round()
    before = count_of_transactions(copy)
    clone.line.is_cut = False
    clone.round()
    device = shop.device(copy.database, copy.community_id)
    is_seen = (other.seq, rules.FORKED) in reviews_of(copy, device.device_id)
    yield said(
        shop.outcome(honest)[0] == rules.POSTED and is_seen,
        "a second history of one kiosk is noticed at its first event",
    )
    yield said(device.state == rules.FROZEN, "and freezes the kiosk until staff have looked")
    later = shop.leave_goods()
    shop.round()
    waits = shop.outcome(later) == (rules.REVIEW, rules.DEVICE_FROZEN)
    is_quiet = before == count_of_transactions(copy)
    yield said(waits and is_quiet, "meanwhile nothing of either is posted, and nothing is lost")
    shop.close()
    clone.close()
