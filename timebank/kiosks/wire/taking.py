"""What a kiosk asks while somebody stands before it: what may be taken, and what became of it.

Shapes only. Each sentence comes in both languages, in the words of the web.
"""

import msgspec


class TakeWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces of one item, as somebody asks for them."""

    item_id: int
    pieces: int


class TakeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The kiosk asks what the household of a card may take here.

    ``grant`` proves the PIN where its household asked for it. With ``lines`` the answer says what
    would be given of them; nothing is set aside.
    """

    ref: str
    grant: str | None = None
    lines: tuple[TakeWanted, ...] = ()


class TakeWhy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why nothing is given, and what helps. Any one of ``papers`` would."""

    heading_zh: str
    heading_en: str
    text_zh: str
    text_en: str
    papers_zh: tuple[str, ...] = ()
    papers_en: tuple[str, ...] = ()


class TakeRow(msgspec.Struct, frozen=True):
    """One item on the shelf. **Units**: pieces; ``most`` would be given now."""

    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    available: int
    most: int


class TakeOffered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would be given, or was given, of one line, and why it is less than asked."""

    item_id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    asked: int
    approved: int
    why_zh: str = ""
    why_en: str = ""


class TakeToday(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the household of a card may take now.

    ``is_open`` is False for an unknown card, and where the PIN is missing; then nothing is shown.
    ``may_ask``: a person can look at it although the rules refuse. **Units**: pieces;
    ``remaining`` is None where there is no limit.
    """

    is_open: bool
    rows: tuple[TakeRow, ...] = ()
    remaining: int | None = None
    why: TakeWhy | None = None
    may_ask: bool = False
    offered: tuple[TakeOffered, ...] = ()


class ResultAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kiosk asks what became of a recent event of its chain."""

    seq: int


class ClaimFiled(msgspec.Struct, frozen=True, omit_defaults=True):
    """A claim that was filed at this kiosk; ``hold_until_at`` in microseconds.

    **Shape**: ``state`` as of the claim; *changed* if less was there than had been confirmed: then
    nothing was filed.
    """

    state: str
    claim_no: str = ""
    lines: tuple[TakeOffered, ...] = ()
    pickup_code: str | None = None
    hold_until_at: int = 0
    is_provisional: bool = False
    why: TakeWhy | None = None


class AnnouncementFiled(msgspec.Struct, frozen=True):
    """Goods that somebody will bring: the code for the counter, and its last day."""

    code: str
    valid_until_on: str


class EventResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an event; empty while the server does not have it, or staff look at it."""

    claim: ClaimFiled | None = None
    announcement: AnnouncementFiled | None = None


class HelpedAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom the holder of a card helps: by another scanned card, or by a typed number.

    **Shape**: ``number`` is that of the household, or of a card of it.
    """

    ref: str
    helped_ref: str | None = None
    number: str | None = None


class HelpedFound(msgspec.Struct, frozen=True, omit_defaults=True):
    """Our own id of a typed household, which opens nothing; and whether it is the helper's own.

    ``household_id`` is None for a number that nobody has, and for a scanned card.
    """

    household_id: int | None = None
    is_own: bool = False


class ShelfLine(msgspec.Struct, frozen=True):
    """One item on the shelf of a shop, as everybody may see it. **Units**: pieces."""

    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    available: int


class ShelfToday(msgspec.Struct, frozen=True):
    """The open shelf of the kiosk's shop; ``at`` in microseconds."""

    at: int
    lines: tuple[ShelfLine, ...]
