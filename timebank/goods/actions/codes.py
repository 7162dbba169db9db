"""Codes to say at the counter, and tokens for the QR code of a receipt."""

import secrets
from collections.abc import Collection

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread.


def new_code(taken: Collection[str]) -> str:
    """Draw six digits that no other open case has now."""
    while (code := f"{secrets.randbelow(1_000_000):06d}") in taken:
        pass
    return code


def receipt_token() -> str:
    """Draw the opaque token of a receipt's QR; it says nothing and cannot be guessed."""
    return "GZR1:" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
