"""Write messages in the unit of work of the deed that they tell of, and put them into the outbox.

Nothing is sent here: ``sending.py`` sends from the outbox, after the commit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from timebank.db import among, insert_new
from timebank.deeds.deed import Deed
from timebank.messages.gateways import ready_channels
from timebank.messages.queries.inbox import said_before
from timebank.messages.queries.wishes import reach_of
from timebank.messages.rules import ABOUT_MAX, DUE, OF_USE
from timebank.messages.tables import FACTS_COLUMN, message, message_sending
from timebank.subject import MessageKind
from timebank.values import new_id
from timebank.vault.cipher import vault_to_seal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to a person. The same kind about the same thing is said to them once.

    ``facts`` are values of JSON, from which the page composes its text in the reader's language.
    After ``until_at``, by default two weeks, nothing leaves the inbox and nobody is called.
    """

    kind: MessageKind
    person_id: int
    about: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    until_at: datetime | None = None


_WRITTEN = select(message.c.id).where(
    message.c.community_id == bindparam("of_community"), among(message.c.id, "message_ids")
)


def write_messages(deed: Deed, new: Sequence[NewMessage]) -> None:
    """Put messages into the inboxes, and into the outbox on the ways that each person wishes.

    Whoever does the deed themselves has its answer before them: they find it in the inbox only.
    """
    if not new:
        return
    vault = vault_to_seal(deed.session)
    by_id = {new_id(): one for one in new}
    rows = [
        {
            "community_id": deed.community_id,
            "id": message_id,
            "person_id": one.person_id,
            "kind": one.kind.name,
            "about": one.about[:ABOUT_MAX],
            "facts_sealed": vault.seal(msgspec.json.encode(one.facts).decode(), FACTS_COLUMN),
            "written_at": deed.now,
            "until_at": one.until_at or deed.now + OF_USE,
        }
        for message_id, one in by_id.items()
    ]
    insert_new(deed.session, message, rows)
    others = {id_: one for id_, one in by_id.items() if one.person_id != deed.by.person_id}
    if others:
        _put_out(deed, _kept(deed, others))


def write_unsaid(deed: Deed, new: Sequence[NewMessage]) -> int:
    """The same for a job that finds the same things again every few minutes; all of one kind."""
    if not new:
        return 0
    people = {one.person_id for one in new}
    said = said_before(deed.session, deed.community_id, new[0].kind.name, people)
    fresh = [one for one in new if (one.person_id, one.about) not in said]
    write_messages(deed, fresh)
    return len(fresh)


def _kept(deed: Deed, new: Mapping[int, NewMessage]) -> dict[int, NewMessage]:
    """Those that were not in the inbox before."""
    asked = {"of_community": deed.community_id, "message_ids": sorted(new)}
    return {id_: new[id_] for id_ in deed.session.scalars(_WRITTEN, asked)}


def _put_out(deed: Deed, new: Mapping[int, NewMessage]) -> None:
    """Put messages into the outbox."""
    if not new:
        return
    people = {one.person_id for one in new.values()}
    reach = reach_of(deed.session, deed.community_id, people)
    ready = ready_channels(deed.session)
    put_due(
        deed,
        (
            (message_id, channel)
            for message_id, one in new.items()
            for channel in reach[one.person_id].channels(ready, is_called=one.kind.is_called)
        ),
    )


def put_due(deed: Deed, ways: Iterable[tuple[int, str]]) -> None:
    """Let messages wait on these ways; one that is on its way already stays as it is."""
    rows: Collection[dict[str, Any]] = [
        {
            "community_id": deed.community_id, "message_id": message_id, "channel": channel,
            "state": DUE, "tries": 0, "next_at": deed.now, "changed_at": deed.now,
        }
        for message_id, channel in ways
    ]  # fmt: skip
    insert_new(deed.session, message_sending, list(rows))
