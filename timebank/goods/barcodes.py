"""Read what a scanner types: a GTIN, or a GS1 code with the maker's lot and the last day. Pure.

``biip`` knows the application identifiers of GS1; here stands what scanners and keyboards make of
them. Not here: which item a code belongs to (``queries``).
"""

import re
from dataclasses import dataclass
from datetime import date

import biip

from timebank.goods.rules import is_in_store_ean
from timebank.typed import plain

GTIN, LOT, BEST_BEFORE, EXPIRY = "01", "10", "15", "17"
LOT_MAX = 20  # Characters, by the GS1 General Specifications.
_GS = "\x1d"
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)")
_MARK = re.compile(r"^\](?:C1|e0|d2|Q3|J1)", re.IGNORECASE)
_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one code says. ``gtin`` has 14 digits; it is empty where its check digit is wrong."""

    gtin: str
    maker_lot: str = ""
    best_before_on: date | None = None

    @property
    def is_wrong(self) -> bool:
        """Tell whether it is a code of goods that was misread."""
        return not self.gtin


def read_barcode(typed: str) -> Scanned | None:
    """Read a code of goods; None for any other text, such as a code of ours or a card.

    Full-width digits, a mark of the kind of code before it, brackets around identifiers and a
    separator that arrives as a space are understood.
    """
    text = plain(typed)
    unspaced = text.replace(" ", "").replace("-", "")
    if unspaced.isascii() and unspaced.isdigit() and len(unspaced) in _LENGTHS:
        return None if is_in_store_ean(unspaced) else _gtin(unspaced)
    return _message(_BRACKETED.sub(_identifier, text))


def _identifier(found: "re.Match[str]") -> str:
    """Write ``(17)`` as a separator and ``17``, so that what stands before it ends there."""
    return f"{_GS}{found[1]}"


def _gtin(digits: str) -> Scanned:
    found = biip.parse(digits).gtin
    return Scanned("" if found is None else found.as_gtin_14())


def _message(text: str) -> Scanned | None:
    """Read a code that begins with a GTIN under its identifier."""
    bare = _MARK.sub("", text).replace(" ", _GS).strip(_GS)
    if not re.match(r"01[0-9]{14}", bare):
        return None
    message = biip.parse(f"]d2{bare}").gs1_message
    if message is None:
        return Scanned("")
    strings = {one.ai.ai: one for one in message.element_strings}
    number = strings[GTIN].gtin
    days = [strings[ai].date for ai in (EXPIRY, BEST_BEFORE) if ai in strings]
    lot = strings[LOT].value[:LOT_MAX] if LOT in strings else ""
    return Scanned(
        gtin="" if number is None else number.as_gtin_14(),
        maker_lot=lot,
        best_before_on=next((day for day in days if day is not None), None),
    )
