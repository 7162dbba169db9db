"""Secret keys of the server, from the environment or from a file that only its owner may read.

A file or a variable holds one key, or several while a key is being replaced: the newest first.
Not here: what a key is used for (``vault/cipher.py``, ``sealing/keys.py``).
"""

import base64
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

KEY_BYTES = 32


class KeyUnfit(Exception):
    """The key is missing or malformed, or others can read its file."""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def read_keys(environ: Mapping[str, str], variable: str, path: Path) -> tuple[bytes, ...]:
    """Read the keys from the environment, otherwise from a file; create nothing.

    **Refuses**: ``KeyUnfit``, with a sentence for an operator; none is returned if there is
    neither a variable nor a file.
    """
    text: str | bytes | None = environ.get(variable)
    if not text:
        if not path.exists():
            return ()
        text = _read(path)
    return parse_keys(text, path.name if not environ.get(variable) else variable)


def parse_keys(text: str | bytes, place: str) -> tuple[bytes, ...]:
    """Read keys from text, separated by spaces, lines or commas. **Refuses**: ``KeyUnfit``."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    found = [require_length(_decode(word)) for word in re.split(r"[\s,]+", words) if word]
    if not found:
        raise KeyUnfit(f"{place} holds no key")
    return tuple(dict.fromkeys(found))


def as_text(key: bytes) -> str:
    """Write a key as it stands in a file or a variable."""
    return base64.b64encode(key).decode()


def write_keys(path: Path, keys: Sequence[bytes]) -> None:
    """Replace the file by one with these keys, in one step that a power cut cannot halve."""
    draft = _draft(path, keys)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def load_key(environ: Mapping[str, str], variable: str, path: Path) -> bytes:
    """Take the key from the environment, otherwise from a file that the first start creates.

    **Refuses**: ``KeyUnfit``, with a sentence for an operator.
    """
    if text := environ.get(variable):
        return _decode(text)
    if not path.exists():
        create_key(path)
    return _decode(_read(path))


def require_length(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise KeyUnfit(f"the key has {len(key)} bytes; {KEY_BYTES} are needed")
    return key


def _decode(typed: str | bytes) -> bytes:
    try:
        return base64.b64decode(typed.strip(), validate=True)
    except ValueError as fault:
        raise KeyUnfit("the key is not base64") from fault


def create_key(path: Path) -> None:
    """Write a new key to a draft and link it to ``path``, so that two first starts use the same
    key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, [new_key()])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first: use its key.
    finally:
        draft.unlink()
    sync_folder(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time replace the keys of a file; its end frees the others.

    **Refuses**: ``KeyUnfit`` while another process is at it. Two would overwrite each other's key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise KeyUnfit("Another process replaces the key now: wait until it ends.") from fault
        yield
    finally:
        os.close(lock)


def _draft(path: Path, keys: Sequence[bytes]) -> Path:
    """Write keys to a new file beside ``path``, and have the disk store it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    content = "".join(f"{as_text(key)}\n" for key in keys).encode()
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        draft.unlink(missing_ok=True)  # A full disk must not leave half a key.
        raise
    return draft


def sync_folder(folder: Path) -> None:
    """Have the disk store the name too: otherwise a power cut could lose the file itself."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyUnfit(f"{path.name} has mode {mode:o}; set it to 600, for its owner alone")
    return path.read_bytes()
