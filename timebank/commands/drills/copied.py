"""A copy of the community to rehearse on, in a temporary folder that is deleted at the end."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from timebank.checking.backups import backup
from timebank.checking.restore_drill import restored
from timebank.commands.opening import keyring_of
from timebank.config import Settings
from timebank.db import Database, utc_now
from timebank.deeds.queries import Community, communities
from timebank.deeds.running import perform
from timebank.keyfile import write_keys
from timebank.keyring import Keyring, open_vault
from timebank.launch import CannotStart
from timebank.people.actions import NewPerson, enrol_people
from timebank.schema import require_current
from timebank.values import By, Role


@dataclass(frozen=True, slots=True)
class Copied:
    """The copy, one of its communities, and a folder for the kiosks of the rehearsal."""

    database: Database
    community_id: int
    place: Path

    def by(self, role: str) -> By:
        """A member of staff for the whole community, who exists in the rehearsal only."""
        return By(
            community_id=self.community_id, client="job:drill", channel="job",
            roles=frozenset({Role(role)}),
        )  # fmt: skip

    def two_of_staff(self) -> tuple[By, By]:
        """Two coordinators who exist in the rehearsal only: some deeds take two people."""
        names = ("演练甲", "演练乙")
        people = tuple(NewPerson(name, is_other_person=True) for name in names)
        enrolled = perform(
            self.database, enrol_people, by=self.by("coordinator"), request_id=str(uuid.uuid4()),
            people=people,
        )  # fmt: skip
        first, second = (
            replace(self.by("coordinator"), client=f"job:drill-{place}", person_id=person_id)
            for place, person_id in enumerate(enrolled.person_ids)
        )
        return first, second


@contextmanager
def copied(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Iterator[Copied]:
    """Copy the database and its key. **Refuses**: ``CannotStart``; raises ``CannotSave``."""
    with tempfile.TemporaryDirectory(prefix="timebank-drill-") as folder:
        place = Path(folder)
        file, manifest = backup(settings.database_url, place, now=utc_now())
        keyring = Keyring({}, place / "key")
        keys = keyring_of(settings).read()
        if not keys:
            raise CannotStart(f"There is no key in {settings.key_file}: nothing can be rehearsed.")
        write_keys(keyring.path, keys)
        with (
            restored(settings.database_url, file, manifest) as url,
            closing(Database(url, clock=clock)) as database,
        ):
            require_current(database.engine)
            database.info["vault"] = open_vault(database, keyring)
            yield Copied(database, _community(database, settings.community_code).id, place)


def _community(database: Database, code: str) -> Community:
    with database.reading() as session:
        known = [
            community for community in communities(session) if not code or community.code == code
        ]
    if len(known) != 1:
        raise CannotStart(
            f"{len(known)} communities to choose from: set TIMEBANK_COMMUNITY to the code of one."
        )
    return known[0]


def said(holds: bool, what: str) -> str:
    """One finding: what should be true, and whether it is."""
    return f"✓ {what}" if holds else f"✗ it is not true that {what}"
