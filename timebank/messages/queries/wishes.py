"""How people wish to be reached."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.db import among
from timebank.messages.rules import Reach
from timebank.messages.tables import EMAIL_COLUMN, message_wish
from timebank.people.queries import reachable
from timebank.vault.cipher import vault_to_open


@dataclass(frozen=True, slots=True)
class MessageWish:
    """What a person chose; without a choice their telephone is used, and then staff call."""

    email: str = field(default="", repr=False)
    by_email: bool = False
    by_sms: bool = True
    by_call: bool = True


_WISHES = select(message_wish).where(
    message_wish.c.community_id == bindparam("of_community"),
    among(message_wish.c.person_id, "person_ids"),
)


def wishes_of(
    session: Session, community_id: int, person_ids: Collection[int]
) -> dict[int, MessageWish]:
    """The wishes of these people, also of those who never chose."""
    vault = vault_to_open(session)
    asked = {"of_community": community_id, "person_ids": sorted(person_ids)}
    rows = session.execute(_WISHES, asked)
    known = {
        row.person_id: MessageWish(
            email=vault.open_or_none(row.email_sealed, EMAIL_COLUMN) or ""
            if row.email_sealed
            else "",
            by_email=row.by_email,
            by_sms=row.by_sms,
            by_call=row.by_call,
        )
        for row in rows
    }
    return {person_id: known.get(person_id, MessageWish()) for person_id in person_ids}


def reach_of(session: Session, community_id: int, person_ids: Collection[int]) -> dict[int, Reach]:
    """How these people may be reached."""
    wishes = wishes_of(session, community_id, person_ids)
    people = reachable(session, community_id, person_ids)
    return {
        person_id: Reach(
            has_email=bool(wish.email),
            has_phone=person_id in people and people[person_id].phone_sealed is not None,
            by_email=wish.by_email,
            by_sms=wish.by_sms,
            by_call=wish.by_call,
        )
        for person_id, wish in wishes.items()
    }
