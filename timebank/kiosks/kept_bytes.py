"""The signed bytes of an envelope as they are kept: sealed if they hold a pick-up code.

Kiosks of older versions send the code of a hand-over in its envelope. The bytes stay whole, because
the signature and the chain of the kiosk are computed over them.
"""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from timebank.vault.cipher import vault_to_open, vault_to_seal

# Every byte is one character, so that also damaged bytes are sealed as they are.
ENCODING = "latin-1"
_CODE_FIELD = b'"pickup_code"'


def cells_of(session: Session, kept_in: Table, raw: bytes) -> dict[str, Any]:
    """The cells in which a table keeps the bytes of an envelope."""
    if _CODE_FIELD not in raw:
        return {"raw": raw}
    text, name = raw.decode(ENCODING), f"{kept_in.name}.raw"
    return {"raw": b"", "raw_sealed": vault_to_seal(session).seal(text, name)}


def bytes_of(session: Session, kept_in: Table, raw: bytes, sealed: bytes | None) -> bytes:
    """The bytes of an envelope; none, as of a damaged one, if they cannot be decrypted."""
    if sealed is None:
        return bytes(raw)
    text = vault_to_open(session).open_or_none(sealed, f"{kept_in.name}.raw")
    return (text or "").encode(ENCODING)
