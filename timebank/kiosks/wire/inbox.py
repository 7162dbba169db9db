"""The inbox of whoever stands before a kiosk, in both languages. It is kept by no kiosk.

Shapes only.
"""

import msgspec


class InboxAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The kiosk asks for the messages of a card; ``grant`` proves the PIN where it is wanted."""

    ref: str
    grant: str | None = None


class InboxLine(msgspec.Struct, frozen=True):
    """One message; ``written_at`` in microseconds."""

    heading_zh: str
    heading_en: str
    text_zh: str
    text_en: str
    written_at: int
    is_new: bool


class InboxToday(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest messages; those that are sent count as read.

    ``is_open`` is False for an unknown card, and where the PIN is missing; then nothing is shown.
    """

    is_open: bool
    messages: tuple[InboxLine, ...] = ()
