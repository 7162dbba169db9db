"""Open a backup beside the running database and prove it, before anything is changed.

What is staged is ready: of the newest schema, its books checked, its keys at hand, every visit in
it ended. Then only the switch is left (``switching.py``).
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from timebank import fitness, schema
from timebank.backups.bundle import DATABASE, BundleUnfit, Header, read_header, unpack
from timebank.backups.making import is_full
from timebank.catalogue import strangers
from timebank.checking.books import check_books
from timebank.checking.notes import Keys, Unfit, check_signature, read_keys
from timebank.checking.reading import NotReadable, reading_database
from timebank.clock import ClockWrong, require_plausible
from timebank.db import Database, EngineUnfit, make_engine
from timebank.deeds.queries import communities
from timebank.keyfile import read_keys as read_key_file
from timebank.keyring import Keyring
from timebank.people.actions.visits import end_every_visit
from timebank.private_files import private_folder
from timebank.sealing.keys import SEAL_KEY_VARIABLE, Signer
from timebank.sealing.notes import origin_of
from timebank.sealing.queries import checkpoint_latest
from timebank.vault.cipher import KEY_VARIABLE, Vault
from timebank.vault.keys import data_keys, in_state
from timebank.vault.rules import CURRENT, OLD

FOLDER = "restore"
ROOM_KEPT_BYTES = 64 * 1024 * 1024
_SQLITE = b"SQLite format 3\0"


# The steps of a check, in their order.
UNPACKING, LOOKING, COUNTING = STEPS = ("unpacking", "looking", "counting")
Report = Callable[[str], None]


class CannotRestore(Exception):
    """A file cannot be restored here, and nothing was changed; ``why`` names the sentence.

    Besides those of ``BundleUnfit``: ``engine``, ``full``, ``not_sqlite``, ``too_old``,
    ``too_new``, ``changed``, ``empty``, ``other``, ``clock``, ``key``, ``key_place``, ``seal_key``,
    ``books``.
    """

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why)
        self.why, self.facts = why, facts


@dataclass(frozen=True, slots=True)
class Target:
    """The server to restore to: its database, its data folder, and where its keys come from."""

    database: Database
    data: Path
    environ: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.data / FOLDER

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.environ, self.data / "key")

    @property
    def seal_file(self) -> Path:
        return self.data / "seal.key"

    @property
    def old_key_file(self) -> Path:
        """The keys of databases that a restore has replaced, newest first."""
        return self.data / "key.before-restore"

    def seal_keys(self) -> tuple[bytes, ...]:
        return read_key_file(self.environ, SEAL_KEY_VARIABLE, self.seal_file)

    @property
    def codes(self) -> list[str]:
        """The communities that are here now."""
        with self.database.reading() as session:
            return sorted(community.code for community in communities(session))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What somebody brought: the file, its pass as typed, and keys in any order."""

    bundle: Path
    typed: str
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A backup that is ready for the switch."""

    folder: Path
    header: Header
    names: tuple[str, ...]
    counts: Mapping[str, int]
    data_keys: tuple[bytes, ...] = field(repr=False)
    seal_key: bytes | None = field(repr=False)

    @property
    def database(self) -> Path:
        return self.folder / DATABASE


def stage(
    place: Target, offered: Offered, *, now: datetime, report: Report = lambda step: None
) -> Staged:
    """Prove a backup beside the running database. Raises ``CannotRestore``; changes nothing.

    ``report`` is called with each of ``STEPS`` as it begins.
    """
    drop(place)
    private_folder(place.folder)
    folder = place.folder / "staged"
    try:
        folder.mkdir(mode=0o700)
        return _staged(place, offered, folder, now=now, report=report)
    except BundleUnfit as fault:
        drop(place)
        raise CannotRestore(fault.why) from fault
    except BaseException as fault:
        drop(place)
        if is_full(fault):
            raise CannotRestore("full") from fault
        raise


def drop(place: Target) -> None:
    """Forget what was brought."""
    shutil.rmtree(place.folder, ignore_errors=True)


def _staged(
    place: Target, offered: Offered, folder: Path, *, now: datetime, report: Report
) -> Staged:
    report(UNPACKING)
    header = read_header(offered.bundle)
    engines = {header.engine, place.database.engine.dialect.name}
    if engines != {"sqlite"}:
        raise CannotRestore("engine")
    room = shutil.disk_usage(place.data).free - ROOM_KEPT_BYTES
    if header.size * 2 > room:  # Here, and in the database while it is switched.
        raise CannotRestore("full")
    unpack(offered.bundle, folder, typed=offered.typed, most_bytes=max(room, 0))
    url = f"sqlite:///{folder / DATABASE}"
    report(LOOKING)
    _require_sqlite(folder / DATABASE, place.database)
    _to_newest(url)
    with closing(Database(url, clock=lambda: now)) as database:
        keys = _data_keys(database, place, offered.keys)
        database.info["vault"] = Vault(*keys)
        _require_unchanged(database, url)
        names = _require_same(database, place)
        _require_time(database, now)
        seal_key, verifiers = _seal_key(database, place, offered.keys)
        report(COUNTING)
        counts = _check(url, verifiers)
        database.write(lambda session, at: end_every_visit(session, at))
    return Staged(
        folder=folder, header=header, names=names, counts=counts, data_keys=keys, seal_key=seal_key
    )


def _require_sqlite(path: Path, live: Database) -> None:
    """The file is a sound SQLite database with pages as large as ours."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise CannotRestore("not_sqlite")
    engine = make_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection, live.reading() as session:
            question = text("PRAGMA page_size")
            if connection.scalar(question) != session.scalar(question):
                raise CannotRestore("not_sqlite")
            if connection.scalars(text("PRAGMA integrity_check")).all() != ["ok"]:
                raise CannotRestore("damaged")
            views = "SELECT count(*) FROM sqlite_master WHERE type = 'view'"
            if connection.scalar(text(views)):
                raise CannotRestore("changed", first="view")
    except DBAPIError as fault:
        raise CannotRestore("not_sqlite") from fault
    finally:
        engine.dispose()


def _to_newest(url: str) -> None:
    """Bring it to the newest schema; one that must be sealed on the way needs the command."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            found = schema.revision_of(connection)
    finally:
        engine.dispose()
    newest = schema.newest_revision() or ""
    if found is not None and found.isdigit() and int(found) > int(newest):
        raise CannotRestore("too_new")
    try:
        if found is None or schema.before_sealed(found) is not None:
            raise CannotRestore("too_old")
        schema.migrate(url)
    except (EngineUnfit, DBAPIError) as fault:
        raise CannotRestore("full" if is_full(fault) else "too_old") from fault
    except Exception as fault:
        if type(fault).__module__.startswith("alembic"):
            raise CannotRestore("too_old") from fault
        raise


def _data_keys(database: Database, place: Target, offered: Sequence[bytes]) -> tuple[bytes, ...]:
    """The keys that the backup needs, among those that were brought and those that are here."""
    with database.reading() as session:
        known = in_state(data_keys(session), CURRENT, OLD)
    here = place.keyring.read()
    needed = []
    for known_key in known:
        held = [key for key in (*here, *offered) if known_key.is_in(Vault(key))]
        if not held:
            raise CannotRestore("key", key=known_key.key_id)
        if held[0] not in here and not place.keyring.is_file:
            raise CannotRestore("key_place", variable=KEY_VARIABLE)
        needed.append(held[0])
    if not needed:
        raise CannotRestore("empty")
    return tuple(reversed(needed))  # The newest first, as in the file.


def _require_unchanged(database: Database, url: str) -> None:
    """The schema is the one of the migrations: a foreign trigger must never run here."""
    with database.reading() as session:
        connection = session.connection()
        faults = [*strangers(connection, url), *fitness.dangling(connection)]
        faults += fitness.wrong_totals(connection)
    if faults:
        raise CannotRestore("changed", first=faults[0])


def _require_same(database: Database, place: Target) -> tuple[str, ...]:
    """Over a running community only its own backup. Return the names of the communities."""
    with database.reading() as session:
        found = communities(session)
    if not found:
        raise CannotRestore("empty")
    here = place.codes
    if here and here != sorted(community.code for community in found):
        raise CannotRestore("other")
    return tuple(community.name_zh for community in found)


def _require_time(database: Database, now: datetime) -> None:
    """The clock of this server fits the books: with a wrong one it would not start again."""
    try:
        require_plausible(database, now)
    except ClockWrong as fault:
        raise CannotRestore("clock") from fault


def _seal_key(
    database: Database, place: Target, offered: Sequence[bytes]
) -> tuple[bytes | None, Keys]:
    """The key that signed the books, and what verifies them; None where nothing was signed.

    The one that is here stays where there is a community: its later checkpoints are signed by it.
    """
    here = place.seal_keys()
    with database.reading() as session:
        found = communities(session)
        notes = {
            community.code: latest.note
            for community in found
            if (latest := checkpoint_latest(session, community.id)) is not None
        }
    if not notes:
        return None, Keys({})
    for key in (*here, *(() if place.codes else offered)):
        verifiers = _verifiers(key, notes, place)
        if verifiers is not None:
            if key not in here and place.environ.get(SEAL_KEY_VARIABLE):
                raise CannotRestore("key_place", variable=SEAL_KEY_VARIABLE)
            return (None if key in here else key), verifiers
    raise CannotRestore("seal_key")


def _verifiers(key: bytes, notes: Mapping[str, str], place: Target) -> Keys | None:
    """The verifiers of a key, if it has signed the last note of every log."""
    signer = Signer(key)
    keys = read_keys([signer.verifier(origin_of(code)) for code in notes], {}, place.seal_file)
    try:
        for code, note in notes.items():
            public = keys.of(origin_of(code))
            if public is None:
                return None
            check_signature(note, public)
    except Unfit:
        return None
    return keys


def _check(url: str, keys: Keys) -> dict[str, int]:
    """Count the books again. **Refuses**: ``CannotRestore`` with the first fault."""
    counts: dict[str, int] = {}
    try:
        with reading_database(url) as books:
            for found in check_books(books, keys):
                if found.faults:
                    more = len(found.faults)
                    raise CannotRestore("books", first=str(found.faults[0]), count=more)
                for what, number in found.counts.items():
                    counts[what] = counts.get(what, 0) + number
    except NotReadable as fault:
        raise CannotRestore("damaged") from fault
    return counts
