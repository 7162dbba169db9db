"""Who made a backup, took one away, asked for a restore, confirmed it: the deeds.

The work itself is in ``timebank/backups``.
"""

from dataclasses import dataclass
from datetime import datetime

from timebank.deeds.action import OneTimeCode, action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.oversight import may
from timebank.oversight.rules import pass_of_digest
from timebank.people.closeness import Involved, require_other
from timebank.vault.cipher import vault_of


@dataclass(frozen=True, slots=True)
class BackupAsked:
    """A backup that somebody asked for at ``at``.

    ``passphrase`` opens it and is stored nowhere; it is empty where they chose their own.
    """

    at: datetime
    passphrase: str


@dataclass(frozen=True, slots=True)
class BackupFetched:
    """A backup that somebody took away, by the name of its file."""

    name: str


@dataclass(frozen=True, slots=True)
class RestoreNoted:
    """A step towards a restore of the backup of that time."""

    made_at: str


def _pass_of(deed: Deed, *_: object) -> str:
    """The pass of a request: computed again for a second press, and stored nowhere."""
    seed = f"{deed.community_id}:{deed.by.client}:{deed.request_id}"
    return pass_of_digest(vault_of(deed.session).digest("backup.pass", seed))


def _pass_again(deed: Deed, asked: BackupAsked) -> str:
    return _pass_of(deed)


@action("make_backup", code=OneTimeCode("passphrase", _pass_again))
def make_backup(deed: Deed, *, is_own: bool) -> BackupAsked:
    """Note that somebody makes a backup, and draw its pass unless they chose their own.

    **Refuses**: ``NotAllowed`` for all but coordinators.
    """
    may.MAKE_BACKUP.require_everywhere(deed.by)
    audit(deed, name="make_backup", subject_kind="backup", facts={})
    return BackupAsked(deed.now, "" if is_own else _pass_of(deed))


@action("fetch_backup")
def fetch_backup(deed: Deed, *, name: str) -> BackupFetched:
    """Note that somebody takes a backup away. **Refuses**: ``NotAllowed``."""
    may.MAKE_BACKUP.require_everywhere(deed.by)
    audit(deed, name="fetch_backup", subject_kind="backup", facts={"note": name})
    return BackupFetched(name)


@action("ask_restore")
def ask_restore(deed: Deed, *, made_at: str) -> RestoreNoted:
    """Note that somebody wants to restore a backup. **Refuses**: ``NotAllowed``."""
    may.ASK_RESTORE.require_everywhere(deed.by)
    audit(deed, name="ask_restore", subject_kind="backup", facts={"note": made_at})
    return RestoreNoted(made_at)


@action("confirm_restore")
def confirm_restore(deed: Deed, *, made_at: str, person_id: int) -> RestoreNoted:
    """Confirm it as another person than ``person_id``, who asked.

    **Refuses**: ``NotAllowed``; ``SamePerson`` for whoever asked, or lives with them.
    """
    may.CONFIRM_RESTORE.require_everywhere(deed.by)
    require_other(deed, Involved(person_ids=(person_id,)))
    audit(deed, name="confirm_restore", subject_kind="backup", facts={"note": made_at})
    return RestoreNoted(made_at)
