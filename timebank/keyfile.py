"""Secret keys of the server, from the environment or from a file that only its owner may read.

Not here: what a key is used for (``people/vault.py``, ``sealing/keys.py``).
"""

import base64
import os
import stat
from collections.abc import Mapping
from pathlib import Path

KEY_BYTES = 32


class KeyUnfit(Exception):
    """The key is missing or malformed, or others can read its file."""


def load_key(environ: Mapping[str, str], variable: str, path: Path) -> bytes:
    """Take the key from the environment, otherwise from a file that the first start creates.

    **Refuses**: ``KeyUnfit``, with a sentence for an operator.
    """
    if text := environ.get(variable):
        return _decode(text)
    if not path.exists():
        _create(path)
    return _read(path)


def require_length(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise KeyUnfit(f"the key has {len(key)} bytes; {KEY_BYTES} are needed")
    return key


def _decode(told: str | bytes) -> bytes:
    try:
        return base64.b64decode(told.strip(), validate=True)
    except ValueError as fault:
        raise KeyUnfit("the key is not base64") from fault


def _create(path: Path) -> None:
    """Write a new key to a draft and link it to ``path``, so that two first starts use the same
    key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first: use its key.
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyUnfit(f"{path.name} has mode {mode:o}; set it to 600, for its owner alone")
    return _decode(path.read_bytes())
