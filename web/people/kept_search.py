"""What somebody searched for, in an address that says nothing of it.

Servers and browsers keep addresses, and a name, a phone or a card number does not belong there. So
the text is sealed for this visit: Back and reload work, nothing is stored, and nobody else can open
the address.
"""

import base64
import binascii

from timebank.vault.cipher import CannotOpen, vault_of, vault_to_open
from web import units
from web.auth import current_visit


def sealed_search(text: str) -> str:
    """Write a search into an address."""
    with units.reading() as session:
        sealed = vault_of(session).seal(text, _bound())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened_search(typed: str) -> str:
    """Read it again; empty for the address of another visit, or one that is damaged."""
    try:
        sealed = base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4))
        with units.reading() as session:
            return vault_to_open(session).open(sealed, _bound())
    except (CannotOpen, binascii.Error, ValueError):
        return ""


def _bound() -> str:
    return f"search.{current_visit().id}"
