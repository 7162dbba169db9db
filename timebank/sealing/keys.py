"""The key that signs the books, from the environment or a file that only its owner may read.

It is best kept off the database machine. Somebody with the key can sign another history, but
cannot make a kiosk forget the one it has seen.
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
SIGNER = "signer"  # The name in ``session.info``.


class Signer:
    """Signs the checkpoints of every community of this server."""

    def __init__(self, key: bytes) -> None:
        self._key = require_length(key)

    def __repr__(self) -> str:
        return "<Signer>"

    def use(self, key: bytes) -> None:
        """Sign with another key from now on: the one of books that were restored."""
        self._key = require_length(key)

    @classmethod
    def load(cls, session: Session, environ: Mapping[str, str], path: Path) -> "Signer":
        """Take the key from the environment, otherwise from a file created before the first
        checkpoint.

        **Refuses**: ``KeyUnfit`` if checkpoints exist but their key is missing. A new key would
        look valid, and no witness of the old one would recognise it.
        """
        is_there = bool(environ.get(SEAL_KEY_VARIABLE)) or path.exists()
        if not is_there and _is_anything_signed(session):
            raise KeyUnfit(
                f"The books are signed, but {path} is missing: put the key back there, or into "
                f"{SEAL_KEY_VARIABLE}. If it is lost for good, see “A lost seal key” in "
                "docs/operations.md."
            )
        return cls(load_key(environ, SEAL_KEY_VARIABLE, path))

    def sign(self, checkpoint: Checkpoint) -> str:
        """Write a checkpoint as a signed note."""
        return sign_note(checkpoint_text(checkpoint), checkpoint.origin, self._key)

    def verifier(self, origin: str) -> str:
        """The verifier key for the notes of this log."""
        return verifier_key(origin, self._key)


def _is_anything_signed(session: Session) -> bool:
    """Tell whether any log has a checkpoint; False if the schema does not exist yet."""
    if not inspect(session.connection()).has_table(checkpoint.name):
        return False
    return session.execute(select(checkpoint.c.size).limit(1)).first() is not None


def signer_of(session: Session) -> Signer | None:
    """The signer from the session's ``info``, if there is one."""
    return cast(Signer | None, session.info.get(SIGNER))
