"""What staff learn of the looking after: no backup was made in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.messages.actions import NewMessage, write_unsaid
from timebank.oversight import may
from timebank.oversight.rules import WELL, judge_backup
from timebank.people.queries import staff
from timebank.subject import MessageKind

BACKUP_MISSED = MessageKind(name="backup_missed")
KINDS = (BACKUP_MISSED,)
LAST_BACKUP = "last_backup_at"  # In ``session.info``: when it was made, asked of the data folder.
_AGAIN_DAYS = 7


@dataclass(frozen=True, slots=True)
class BackupSaid:
    count: int


@action("remind_of_backup")
def remind_of_backup(deed: Deed) -> BackupSaid:
    """Write to those who may make a backup that the last one is old; once a week.

    A program without a data folder is asked nothing.
    """
    ask: Callable[[], datetime | None] | None = deed.session.info.get(LAST_BACKUP)
    if ask is None:
        return BackupSaid(0)
    last_at = ask()
    if judge_backup(last_at, deed.now).state == WELL:
        return BackupSaid(0)
    weeks = (deed.now - last_at).days // _AGAIN_DAYS if last_at else 0
    about = f"backup:{last_at:%Y%m%d}:{weeks}" if last_at else "backup:never"
    people = dict.fromkeys(
        member.person_id
        for member in staff(deed.session, deed.community_id, now=deed.now)
        if member.role in may.MAKE_BACKUP.roles and member.place_id is None
    )
    facts = {"at": last_at.isoformat() if last_at else None}
    messages = [
        NewMessage(kind=BACKUP_MISSED, person_id=person_id, about=about, facts=facts)
        for person_id in people
    ]
    return BackupSaid(write_unsaid(deed, messages))
