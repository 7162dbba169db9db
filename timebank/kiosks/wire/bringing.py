"""A donor opens at a kiosk what they announced at home, by its code. Shapes only."""

import msgspec


class DepositAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kiosk asks for the announced deposit of a code."""

    deposit_code: str

    def __repr__(self) -> str:
        """Show no code: a fault may print this value into a log."""
        return "DepositAsked()"


class BroughtLine(msgspec.Struct, frozen=True):
    """A line as it was announced; ``described`` if the catalogue has no such item."""

    item_id: int | None
    described: str
    pieces: int


class DepositFound(msgspec.Struct, frozen=True, omit_defaults=True):
    """The announced goods; no name. Without ``deposit_id`` the code opens nothing here.

    ``grant`` is the server's word that the code was right.
    """

    deposit_id: int | None = None
    lines: tuple[BroughtLine, ...] = ()
    grant: str | None = None


class DepositBrought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The announced goods lie at the kiosk and wait for the keeper."""

    deposit_id: int
    grant: str | None = None
