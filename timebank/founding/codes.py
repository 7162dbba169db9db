"""Codes that somebody reads from a screen or a slip, and types. Pure."""

from timebank.typed import code_in

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread.
LENGTH = 10
_HALF = LENGTH // 2


def written_code(letters: str) -> str:
    """Write ten letters as ``7K3DM-9QX2A``."""
    return f"{letters[:_HALF]}-{letters[_HALF:LENGTH]}"


def tidy_code(typed: str) -> str:
    """A typed code: either width and case, with or without hyphen, O for 0, I and L for 1."""
    return code_in(typed).translate(str.maketrans("OIL", "011"))
