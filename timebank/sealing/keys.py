"""The key that signs the books: from the environment or a file that only its owner may read.

Best kept off the machine of the database. Whoever holds it can sign another history, but not
make a kiosk forget the one it has seen.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from timebank.keyfile import KeyUnfit, load_key, require_length
from timebank.sealing.notes import Checkpoint, checkpoint_text, sign_note, verifier_key
from timebank.sealing.tables import checkpoint

SEAL_KEY_VARIABLE = "TIMEBANK_SEAL_KEY"
SIGNER = "signer"  # In what the database hands to every session.


class Signer:
    """Signs the checkpoints of every community of this server."""

    def __init__(self, key: bytes) -> None:
        self._key = require_length(key)

    def __repr__(self) -> str:
        return "<Signer>"

    @classmethod
    def load(cls, session: Session, environ: Mapping[str, str], path: Path) -> "Signer":
        """Take the key from the environment, else from a file made before the first checkpoint.

        **Refuses**: ``KeyUnfit`` where the key of what is signed is gone. A new one would pass
        for that of the house, and no witness of the old one would know it.
        """
        is_there = bool(environ.get(SEAL_KEY_VARIABLE)) or path.exists()
        if not is_there and _is_anything_signed(session):
            raise KeyUnfit(
                f"The books are signed, and {path} is gone: put the key back there, or into "
                f"{SEAL_KEY_VARIABLE}. If it is lost for good, see “A lost seal key” in "
                "docs/operations.md."
            )
        return cls(load_key(environ, SEAL_KEY_VARIABLE, path))

    def sign(self, told: Checkpoint) -> str:
        """Write a checkpoint as a signed note."""
        return sign_note(checkpoint_text(told), told.origin, self._key)

    def verifier(self, origin: str) -> str:
        """Tell by which key the notes of this log are checked."""
        return verifier_key(origin, self._key)


def _is_anything_signed(session: Session) -> bool:
    """Tell whether any log has a checkpoint; before the schema is laid none has."""
    if not inspect(session.connection()).has_table(checkpoint.name):
        return False
    return session.execute(select(checkpoint.c.size).limit(1)).first() is not None


def signer_of(session: Session) -> Signer | None:
    """The signer that the database hands to its sessions, where it was given one."""
    return cast(Signer | None, session.info.get(SIGNER))
