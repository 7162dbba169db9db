"""Read what people type, however their keyboard writes it: numbers and codes. Pure.

A Chinese keyboard types full-width letters and digits; phones and office programs add hyphens,
spaces and marks that nobody sees. Each kind of field has one normaliser, built from these, for
storing and for searching. Not here: which code belongs to which subject.
"""

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(map(ord, "\t\n\r\xa0\u1680\u2028\u2029\u202f\u205f\u3000"), " ")
_SPACES |= dict.fromkeys(range(0x2000, 0x200B), " ")
_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63), "-")
_UNSEEN = frozenset(
    map(chr, (0xAD, 0x034F, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF))
) | frozenset(map(chr, range(0x2060, 0x2070)))
_WITHOUT_UNSEEN = {ord(mark): None for mark in _UNSEEN}
_PLAIN = _SPACES | _HYPHENS | _FULL_WIDTH | _WITHOUT_UNSEEN
# Han characters by block: planes 2 and 3 gain characters that Python's tables do not know yet.
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_WHOLE = re.compile("[0-9]{1,19}")


def plain(text: str) -> str:
    """Write full-width letters, hyphens and spaces in their plain form; drop what is not seen.

    Other characters stay as they are: a superscript or an Arabic digit is no digit of ours.
    """
    return " ".join(text.translate(_PLAIN).split())


def joined(text: str) -> str:
    """The same without any space."""
    return plain(text).replace(" ", "")


def code_in(text: str) -> str:
    """A typed code without spaces and hyphens, in capital letters."""
    return joined(text).replace("-", "").upper()


def read_whole(text: str) -> int | None:
    """Read a whole number: digits of either width, also with spaces, and nothing else.

    None for ``1e1``, ``1_0``, ``+1``, ``0x1`` and for what has no digit.
    """
    digits = joined(text)
    return int(digits) if _WHOLE.fullmatch(digits) else None


def is_han(character: str) -> bool:
    """Tell whether this is a Chinese character, also one that is newer than Python's tables."""
    return _HAN.fullmatch(character) is not None
