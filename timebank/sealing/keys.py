"""The key that signs the books: from the environment or a file that only its owner may read.

Best kept off the machine of the database. Whoever holds it can sign another history, but not
make a kiosk forget the one it has seen.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from sqlalchemy.orm import Session

from timebank.keyfile import load_key, require_length
from timebank.sealing.notes import Checkpoint, checkpoint_text, sign_note, verifier_key

SEAL_KEY_VARIABLE = "TIMEBANK_SEAL_KEY"
SIGNER = "signer"  # In what the database hands to every session.


class Signer:
    """Signs the checkpoints of every community of this server."""

    def __init__(self, key: bytes) -> None:
        self._key = require_length(key)

    def __repr__(self) -> str:
        return "<Signer>"

    @classmethod
    def load(cls, environ: Mapping[str, str], path: Path) -> "Signer":
        """Take the key from the environment, else from a file made at the first start."""
        return cls(load_key(environ, SEAL_KEY_VARIABLE, path))

    def sign(self, told: Checkpoint) -> str:
        """Write a checkpoint as a signed note."""
        return sign_note(checkpoint_text(told), told.origin, self._key)

    def verifier(self, origin: str) -> str:
        """Tell by which key the notes of this log are checked."""
        return verifier_key(origin, self._key)


def signer_of(session: Session) -> Signer | None:
    """The signer that the database hands to its sessions, where it was given one."""
    return cast(Signer | None, session.info.get(SIGNER))
