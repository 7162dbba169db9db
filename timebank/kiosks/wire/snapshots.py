"""What a kiosk may know offline: cards by their hash, catalogue, services.

Shapes only. A snapshot contains no phone, address, id number, full name or PIN: a stolen disk must
not reveal who lives where.
"""

import msgspec
from msgspec.structs import replace


class SnapshotPassbook(msgspec.Struct, frozen=True):
    """The last known passbook of a person.

    **Units**: minutes; pieces left in the current window; ``as_of`` in microseconds. None means
    not known, never zero.
    """

    available_minutes: int
    cumulative_minutes: int
    pieces_left: int | None
    as_of: int


class SnapshotShift(msgspec.Struct, frozen=True):
    """A service in progress; ``started_at`` in microseconds."""

    service_id: int
    started_at: int


class Member(msgspec.Struct, frozen=True):
    """One card: the hashes of its random code, and its holder's display preferences.

    A hash of the printed number is never among them: all numbers are tried in minutes.
    ``asks_pin``: without the PIN this card opens neither passbook nor pick-up.
    """

    refs: tuple[str, ...]
    member: str
    name: str
    language: str
    large_text: bool
    is_volunteer: bool
    revoked: bool
    passbook: SnapshotPassbook | None = None
    shift: SnapshotShift | None = None
    asks_pin: bool = False


def with_passbook_as_of(member: Member, as_of: int) -> Member:
    """The same member with another passbook date, to compare contents without the time."""
    if member.passbook is None:
        return member
    return replace(member, passbook=replace(member.passbook, as_of=as_of))


class CatalogueItem(msgspec.Struct, frozen=True):
    """One item of the catalogue, as the deposit page shows it."""

    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    barcode: str
    has_best_before: bool


class SnapshotService(msgspec.Struct, frozen=True):
    """One kind of volunteer service."""

    service_id: int
    name_zh: str
    name_en: str


class Snapshot(msgspec.Struct, frozen=True):
    """Everything a kiosk keeps for working offline."""

    version: str
    made_at: int
    members: tuple[Member, ...]
    items: tuple[CatalogueItem, ...]
    services: tuple[SnapshotService, ...]


class ReadyLine(msgspec.Struct, frozen=True):
    """Reserved pieces of one item."""

    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    pieces: int


class ReadyClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """A claim that is ready in this shop; ``hold_until_at`` in microseconds.

    ``is_provisional``: the known calendar ends before it, so it may still move.
    """

    claim_id: int
    claim_no: str
    lines: tuple[ReadyLine, ...]
    hold_until_at: int
    is_provisional: bool = False


class CardAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The kiosk asks for one card, or for the claim of one pick-up code.

    **Shape**: ``ref`` of a scanned card, with ``grant`` or ``pin`` where its household asked for
    the PIN; or a typed ``card_no`` with ``pin``; or ``pickup_code``.
    """

    ref: str | None = None
    pickup_code: str | None = None
    card_no: str | None = None
    pin: str | None = None
    grant: str | None = None

    def __repr__(self) -> str:
        """Show no secret: a fault may print this value into a log."""
        return f"CardAsked({'code' if self.pickup_code else 'card'})"


class CardToday(msgspec.Struct, frozen=True, omit_defaults=True):
    """The current state: the card's own row, and the claims ready for pick-up.

    ``grant``, after a correct PIN or pick-up code, proves it to the server for some minutes.
    ``unread`` counts the messages that the holder has not read.
    """

    member: Member | None
    ready: tuple[ReadyClaim, ...]
    grant: str | None = None
    unread: int = 0
