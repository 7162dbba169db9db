"""What both pages of a restore share: what was brought, what is ready, and the switch.

An empty database is restored from the set-up (``web/founding/from_backup.py``), a running community
by two people (``restore.py``). What is ready waits in the memory of this process and in its data
folder; a restart forgets it.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, Response, current_app, make_response, request
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from timebank.backups.making import is_full
from timebank.backups.staging import (
    STEPS,
    CannotRestore,
    Offered,
    Staged,
    Target,
    drop,
    stage,
)
from timebank.backups.switching import switch
from timebank.db import database_file
from timebank.founding.codes import LENGTH, LETTERS, tidy_code, written_code
from timebank.keyfile import KeyUnfit, parse_keys
from timebank.people.rules import SECRET_LENGTH_MAX
from web import units
from web.forms import WorkForm
from web.ground import ground
from web.oversight.restore_words import restore_word
from web.reader import lazy_gettext as _l
from web.uploads import LARGE_BYTES, Uploads

BUNDLE, KEYS = "bundle", "keys"
PATIENCE_SECONDS = 3.0  # For so long an answer waits for the check of a small backup.
REFRESH_SECONDS = 2
CODE_LASTS = timedelta(hours=1)
CODE_TRIES_MAX = 5
_BROUGHT = "brought-"
Proven = Callable[[Staged], None]
_log = logging.getLogger("timebank.backups")
_KEY_BYTES_MAX = 4096
_KEY_FILES_MAX = 10


class PassField(StringField):
    """A pass, exactly as typed; it opens something, so it is never kept in a draft."""

    is_kept = False


class RestoreForm(WorkForm):
    """The pass of the file; the file and the keys are no fields of a form."""

    passphrase = PassField(
        _l("备份的口令"), [InputRequired(_l("请填写口令。")), Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A backup that waits for the switch; over a running community also for the second person."""

    staged: Staged
    at: datetime
    asked_by_person_id: int | None = None
    asked_by: str = ""
    code: str = ""
    tries: int = 0


class Restoring:
    """The one restore of this server.

    ``step`` is that of the check that runs, empty while none does; ``fault`` is why the last one
    ended badly after its request had been answered.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.ready: Ready | None = None
        self.step = ""
        self.fault: CannotRestore | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One at a time. Raises ``CannotRestore`` while another one is at it."""
        if not self._lock.acquire(blocking=False):
            raise CannotRestore("busy")
        try:
            yield
        finally:
            self._lock.release()

    def begin(
        self, place: Target, offered: Offered, *, now: datetime, then: Proven
    ) -> threading.Thread:
        """Check what was brought, one at a time, and remove the file that was sent.

        Raises ``CannotRestore`` while another one is at it; later faults are in ``fault``.
        """
        if not self._lock.acquire(blocking=False):
            offered.bundle.unlink(missing_ok=True)
            raise CannotRestore("busy")
        self.ready, self.fault, self.step = None, None, STEPS[0]

        def work() -> None:
            try:
                then(stage(place, offered, now=now, report=self._report))
            except CannotRestore as why:
                self.fault = why
            except Exception:
                _log.exception("a backup could not be checked")
                self.fault = CannotRestore("fault")
            finally:
                offered.bundle.unlink(missing_ok=True)
                self.step = ""
                self._lock.release()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _report(self, step: str) -> None:
        self.step = step

    def now_ready(self, now: datetime) -> Ready | None:
        """What is ready; after an hour, and after too many wrong codes, nothing is."""
        ready = self.ready
        is_over = ready is not None and (
            now - ready.at > CODE_LASTS or ready.tries >= CODE_TRIES_MAX
        )
        if is_over:
            self.ready = None
        return self.ready

    def is_code(self, typed: str) -> bool:
        """Compare a typed code with the one that the server printed, and count a wrong one."""
        ready = self.ready
        if ready is None or not ready.code:
            return False
        if secrets.compare_digest(tidy_code(typed).encode(), ready.code.encode()):
            return True
        self.ready = replace(ready, tries=ready.tries + 1)
        return False


def install(app: Flask) -> None:
    """Forget what an earlier process had ready, and let large files in where they are expected."""
    app.extensions["timebank.restoring"] = Restoring()
    app.extensions["timebank.uploads"] = Uploads()
    data = app.config.get("DATA")
    if data is not None and database_file(str(app.config["DATABASE"].engine.url)) is not None:
        drop(Target(database=app.config["DATABASE"], data=data, environ=os.environ))
        for part in data.glob(f"{_BROUGHT}*.part"):  # Of a process that was killed meanwhile.
            part.unlink(missing_ok=True)


def restoring() -> Restoring:
    found: Restoring = current_app.extensions["timebank.restoring"]
    return found


def upload_token() -> str:
    uploads: Uploads = current_app.extensions["timebank.uploads"]
    return uploads.expect()


def place_here() -> Target | None:
    """Where this server could restore to; None for PostgreSQL, and without a data folder."""
    data, database = current_app.config.get("DATA"), ground().database
    if data is None or database_file(str(database.engine.url)) is None:
        return None
    return Target(database=database, data=data, environ=os.environ)


def is_checked_or_goes_on(form: RestoreForm, place: Target, then: Proven) -> bool:
    """Prove what was brought in a thread of its own; false with its sentence on the form.

    A small backup is proven before the answer. A large one goes on without the request, and the
    page shows its steps. ``then`` is called with what was proven, without a request.
    """
    try:
        offered, check = _offered(form, place), restoring()
        thread = check.begin(place, offered, now=units.now(), then=then)
        thread.join(PATIENCE_SECONDS)
        if not thread.is_alive() and check.fault is not None:
            fault, check.fault = check.fault, None
            raise fault
    except CannotRestore as why:
        form.form_errors.append(restore_word(why))
        form.renew()
        return False
    return True


def _offered(form: RestoreForm, place: Target) -> Offered:
    sent = request.files.get(BUNDLE)
    if sent is None or not sent.filename:
        raise CannotRestore("none")
    keys = _keys()
    path = place.data / f"{_BROUGHT}{secrets.token_hex(8)}.part"
    try:
        _save(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Offered(bundle=path, typed=form.passphrase.data or "", keys=keys)


def answered(drawn: tuple[str, int]) -> Response:
    """A page that asks again while a check runs."""
    answer = make_response(drawn)
    if restoring().step and request.method == "GET":
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def _save(path: Path) -> None:
    """Keep what was sent, for its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            request.files[BUNDLE].save(file)
    except OSError as fault:
        if is_full(fault):
            raise CannotRestore("full") from fault
        raise


def _keys() -> tuple[bytes, ...]:
    """The keys in the files that were brought, in any order."""
    keys: list[bytes] = []
    sent = [file for file in request.files.getlist(KEYS) if file.filename]
    if len(sent) > _KEY_FILES_MAX:
        raise CannotRestore("key_file")
    for file in sent:
        content = file.read(_KEY_BYTES_MAX + 1)
        try:
            if len(content) > _KEY_BYTES_MAX:
                raise KeyUnfit("too long")
            keys += parse_keys(content, "key")
        except KeyUnfit as fault:
            raise CannotRestore("key_file") from fault
    return tuple(keys)


def new_code() -> str:
    """Draw a code for the one who looks after the server."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shown(code: str) -> str:
    return written_code(code)


def switched(place: Target, ready: Ready, *, by_whom: str) -> None:
    """Switch, and look at everything again. Raises ``CannotRestore``; the old one is in place."""
    with restoring().alone():
        switch(place, ready.staged, by_whom=by_whom, now=units.now())
        restoring().ready = None
        ground().look_again()


BODY_BYTES = LARGE_BYTES
