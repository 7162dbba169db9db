"""An allow-list for scanned text, because anybody can print a barcode. Pure.

Accepted: a member card, its printed number (which opens nothing without the PIN), a catalogue
barcode, a pick-up code.
"""

from dataclasses import dataclass
from enum import Enum

from timebank.people.rules import read_card_no, read_card_token
from timebank.typed import code_in

LENGTH_MAX = 40
PICKUP_CODE_LENGTHS = (6,)


class Kind(Enum):
    """What was scanned or typed."""

    CARD = "card"
    CARD_NO = "card_no"
    BARCODE = "barcode"
    PICKUP_CODE = "pickup_code"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading, normalised."""

    kind: Kind
    text: str = ""


def read_scan(text: str) -> Scan:
    """Classify a reading by length and characters. A barcode can never be read as a card."""
    if len(text) > LENGTH_MAX:
        return Scan(Kind.NOTHING)
    tidy = code_in(text)
    if not tidy.isascii() or not tidy.isprintable():
        return Scan(Kind.NOTHING)
    if token := read_card_token(tidy):
        return Scan(Kind.CARD, token)
    if is_barcode(tidy):
        return Scan(Kind.BARCODE, tidy)
    if number := read_card_no(tidy):
        return Scan(Kind.CARD_NO, number)
    if tidy.isdigit() and len(tidy) in PICKUP_CODE_LENGTHS:
        return Scan(Kind.PICKUP_CODE, tidy)
    return Scan(Kind.NOTHING)


def is_barcode(text: str) -> bool:
    """Tell whether digits are an EAN-8 or EAN-13 with a valid check digit."""
    if len(text) not in (8, 13) or not text.isascii() or not text.isdigit():
        return False
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
