"""What people learn of hours without asking: those to confirm, and those that were credited."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from timebank.deeds.deed import Deed
from timebank.messages.actions import NewMessage, write_messages
from timebank.people.queries import speakers_of
from timebank.subject import MessageKind

HOURS_TO_CONFIRM = MessageKind(name="hours_to_confirm")
HOURS_CREDITED = MessageKind(name="hours_credited")
KINDS = (HOURS_TO_CONFIRM, HOURS_CREDITED)


class Credited(Protocol):
    """The credit of one session, as ``actions/credit.py`` has it."""

    @property
    def record_id(self) -> int: ...
    @property
    def credited_minutes(self) -> int: ...
    @property
    def pool_minutes(self) -> int: ...


def ask_to_confirm(deed: Deed, rows: Sequence[Any], minutes: Mapping[int, int]) -> None:
    """Ask whoever was helped, or who speaks for their household, to confirm the hours.

    **Units**: ``minutes`` by the id of the record.
    """
    homes = {row.recipient_household_id for row in rows} - {None}
    speakers = speakers_of(deed.session, deed.community_id, homes)
    new = []
    for row in rows:
        person_id = row.recipient_person_id or speakers.get(row.recipient_household_id)
        if person_id not in (None, deed.by.person_id):
            facts = {"minutes": minutes[row.id], "on": row.started_on.isoformat()}
            new.append(
                NewMessage(
                    kind=HOURS_TO_CONFIRM, person_id=person_id, about=f"record:{row.id}",
                    facts=facts,
                )
            )  # fmt: skip
    write_messages(deed, new)


def tell_credited(deed: Deed, credited: Sequence[Credited], rows: Sequence[Any]) -> None:
    """Write to the volunteers what was credited to them."""
    by_id = {row.id: row for row in rows}
    write_messages(
        deed,
        [
            NewMessage(
                kind=HOURS_CREDITED, person_id=by_id[one.record_id].person_id,
                about=f"record:{one.record_id}",
                facts={
                    "minutes": one.credited_minutes - one.pool_minutes,
                    "pool_minutes": one.pool_minutes,
                    "on": by_id[one.record_id].started_on.isoformat(),
                },
            )
            for one in credited
            if one.credited_minutes
        ],
    )  # fmt: skip
