"""Lose the key of the sealed columns on a copy: does the copy of the key bring everything back?"""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from timebank.checking.backups import backup
from timebank.checking.restore_drill import restored
from timebank.config import Settings
from timebank.db import Database, utc_now
from timebank.keyfile import KeyUnfit, as_text, new_key, write_keys
from timebank.keyring import Keyring, open_vault, rotate, samples
from timebank.vault.cipher import KEY_VARIABLE

AT_ONCE = 20  # Small parts, so that even a small community is stopped half-way.


class _Stopped(Exception):
    """The rehearsal stops the replacement of the key here."""


def lines_of(settings: Settings, keys: tuple[bytes, ...], *, is_own: bool) -> Iterator[str]:
    """Rehearse it, finding by finding; ``is_own`` if ``keys`` is not a copy kept elsewhere."""
    if not keys:
        yield f"✗ there is no key in {settings.key_file}"
        return
    if is_own:
        yield "! this is the server's own key: pass the one that you keep elsewhere with --copy"
    with tempfile.TemporaryDirectory(prefix="timebank-drill-") as folder:
        place = Path(folder)
        file, manifest = backup(settings.database_url, place, now=utc_now())
        with (
            restored(settings.database_url, file, manifest) as url,
            closing(Database(url)) as database,
        ):
            yield from _rehearsed(database, place, keys)


def _rehearsed(database: Database, place: Path, keys: tuple[bytes, ...]) -> Iterator[str]:
    lost = Keyring({}, place / "lost" / "key")
    yield _refused(database, lost, "without its key the server does not start")
    is_made = lost.path.exists()
    yield "✗ a new key was made in silence" if is_made else "✓ and makes no new key"
    wrong = Keyring({KEY_VARIABLE: as_text(new_key())}, lost.path)
    yield _refused(database, wrong, "with another key it does not start")
    held = Keyring({}, place / "key")
    write_keys(held.path, keys)
    try:
        yield opened(database, held, "the copy of the key opens")
        yield from _replaced(database, held)
    except KeyUnfit as why:
        yield f"✗ {why}"


def _refused(database: Database, keyring: Keyring, what: str) -> str:
    try:
        open_vault(database, keyring)
    except KeyUnfit:
        return f"✓ {what}"
    return f"✗ it is not true that {what}"


def opened(database: Database, keyring: Keyring, what: str) -> str:
    """Open samples of every sealed column; say in a line how many. **Refuses**: ``KeyUnfit``."""
    database.info["vault"] = open_vault(database, keyring)
    found = samples(database)
    spoilt = [name for sample in found for name in sample.unreadable]
    if spoilt:
        return f"✗ {len(spoilt)} sealed values cannot be read, such as {spoilt[0]}"
    opened, values = sum(sample.opened for sample in found), sum(sample.values for sample in found)
    if not values:
        return "! nothing is sealed yet, so nothing could be opened"
    return f"✓ {what} {opened} of {values} sealed values, from {len(found)} columns"


def _replaced(database: Database, held: Keyring) -> Iterator[str]:
    """Replace the key, stopped half-way and run again, as after a power cut."""
    before = held.path.read_bytes()

    def stop(values: int) -> None:
        raise _Stopped

    try:
        rotate(database, held, at_once=AT_ONCE, report=stop)
    except _Stopped:
        yield opened(database, held, "stopped half-way through a replacement, it opens")
    done = rotate(database, held, at_once=AT_ONCE)
    yield opened(database, held, f"run again, the new key {done.key_id} opens")
    old = Keyring({KEY_VARIABLE: before.decode()}, held.path)
    yield _refused(database, old, "with the replaced key it does not start")
