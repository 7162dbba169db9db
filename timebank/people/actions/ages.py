"""Move the group of an age on the day on which the next one begins.

Readers do not wait for this (``people/rules/ages.py``): it keeps what is stored short behind them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from timebank.db import written
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.people import may
from timebank.people.rules.ages import age_group, moved
from timebank.people.tables import person
from timebank.values import local_day
from timebank.vault.cipher import vault_of

AT_ONCE = 500
_DUE = (
    select(person.c.id, person.c.birth_sealed, person.c.age_group, person.c.age_changes_on)
    .where(
        person.c.community_id == bindparam("of_community"),
        person.c.age_changes_on.is_not(None),
        person.c.age_changes_on <= bindparam("today"),
    )
    .order_by(person.c.age_changes_on, person.c.id)
    .limit(written(AT_ONCE))
    .with_for_update(key_share=True)
)
_MOVED = (
    update(person)
    .where(person.c.community_id == bindparam("of_community"), person.c.id == bindparam("of_id"))
    .values(age_group=bindparam("group"), age_changes_on=bindparam("changes_on"))
)


@dataclass(frozen=True, slots=True)
class AgesMoved:
    """How many people have another group of age; ``is_more`` if others are due."""

    people: int
    is_more: bool


@action("move_age_groups")
def move_age_groups(deed: Deed) -> AgesMoved:
    """Write the group of the age of everybody whose next one has begun.

    **Refuses**: ``NotAllowed`` to all but the job and the coordinator.
    """
    may.MOVE_AGES.require(deed.by)
    today = local_day(deed.now)
    asked = {"of_community": deed.community_id, "today": today}
    due = deed.session.execute(_DUE, asked).all()
    if not due:
        return AgesMoved(0, False)
    rows = [_row(deed, birthday, today) for birthday in due]
    deed.session.connection().execute(_MOVED, rows)
    audit(deed, name="move_age_groups", subject_kind="person", facts={"people": len(rows)})
    return AgesMoved(len(rows), len(rows) == AT_ONCE)


def _row(deed: Deed, due: Any, today: date) -> dict[str, Any]:
    """From the sealed day; where it cannot be read, from the stored day of the change."""
    birth = None
    if due.birth_sealed is not None:
        birth = vault_of(deed.session).open_or_none(due.birth_sealed, "person.birth")
    if birth is None:
        group, changes_on = moved(due.age_group, due.age_changes_on, today)
    else:
        group, changes_on = age_group(date.fromisoformat(birth), today)
    of_person = {"of_community": deed.community_id, "of_id": due.id}
    return {**of_person, "group": group, "changes_on": changes_on}
