"""The holder's own PIN, typed at the counter, and the code of a card that was just made.

Neither runs as a deed through ``perform``: an attempt at a PIN counts also when it is refused, and
the code of a card is never stored in plain text.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, WrongState
from timebank.people import may
from timebank.people.actions.card_issues import card_issue_taken, is_open
from timebank.people.actions.tries import Account, TryKeys, count_try, try_keys, uncount_try
from timebank.people.closeness import require_unrelated
from timebank.people.passwords import is_secret_of, nobody_hash, profile_of
from timebank.people.queries.cards import card as card_of
from timebank.people.queries.merged import records_of
from timebank.people.queries.openings import OPENED
from timebank.people.refusals import CardRevoked, SignInFailed
from timebank.people.rules import SECRET_LENGTH_MAX
from timebank.people.rules.throttles import CARD, Origin
from timebank.people.tables import card, card_issue
from timebank.values import By

CODE_SHOWN = timedelta(minutes=30)  # For so long the two who made a card may print it.


def prove_holder(
    database: Database, *, by: By, card_issue_id: int, pin: str, origin: Origin, now: datetime
) -> None:
    """Note that the holder has typed the PIN of their last card, also of one that was stopped.

    Each attempt counts as one of a stranger with the number of the card: staff may guess too.

    **Refuses**: ``SignInFailed``; ``TooManyTries``; ``SignInClosed``; ``NotFound``; ``NotAllowed``
    to all but whoever asked for the card; ``WrongState`` the next day.
    """

    def count(session: Session, _: datetime) -> tuple[TryKeys, str]:
        row = _asked(Deed(session, by, now), card_issue_id)
        number, secret_hash = _last_pin(session, by.community_id, row.person_id)
        account = Account(CARD, number, row.person_id)
        keys = try_keys(session, by.community_id, account, Origin(origin.source), now=now)
        count_try(session, by.community_id, keys, now=now)
        return keys, secret_hash

    keys, secret_hash = database.write(count)
    is_right = is_secret_of(secret_hash, pin[:SECRET_LENGTH_MAX])

    def settle(session: Session, _: datetime) -> None:
        deed = Deed(session, by, now)
        row = _asked(deed, card_issue_id)
        name = "prove_holder" if is_right else "prove_holder_refused"
        audit(deed, name=name, subject_kind="person", subject_id=row.person_id)
        if is_right:
            uncount_try(session, by.community_id, keys, now=now)
            session.execute(
                update(card_issue)
                .where(
                    card_issue.c.community_id == by.community_id, card_issue.c.id == card_issue_id
                )
                .values(pin_at=now)
            )

    database.write(settle)
    if not is_right:
        raise SignInFailed(field="pin")


def show_code(database: Database, *, by: By, card_issue_id: int) -> str | None:
    """Show the code of a card that was just made, to print it; None if it cannot be read.

    Only the two who made it, and only for a while: a code is as good as the card. The holder sees
    each showing on ``/me/openings``.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` later; ``CardRevoked``.
    """

    def show(session: Session, now: datetime) -> str | None:
        deed = Deed(session, by, now)
        may.SERVE_CARDS.require(by)
        row = card_issue_taken(deed, card_issue_id)
        require_unrelated(session, by, row.person_id, may.SERVE_CARDS)
        if by.person_id not in (row.asked_by_person_id, row.given_by_person_id):
            raise NotAllowed(deed="show_code", why="not_of_the_two")
        if row.given_at is None or now - row.given_at > CODE_SHOWN:
            raise WrongState(kind="card_issue", state="over")
        made = card_of(session, by.community_id, row.card_id)
        if made.revoked_at is not None:
            raise CardRevoked()
        facts = {"columns": ["card"], "reason": ""}
        audit(deed, name=OPENED, subject_kind="person", subject_id=row.person_id, facts=facts)
        return made.token

    return database.write(show)


def _asked(deed: Deed, card_issue_id: int) -> Any:
    may.SERVE_CARDS.require(deed.by)
    row = card_issue_taken(deed, card_issue_id)
    require_unrelated(deed.session, deed.by, row.person_id, may.SERVE_CARDS)
    if deed.by.person_id != row.asked_by_person_id:
        raise NotAllowed(deed="prove_holder", why="not_of_the_two")
    if not is_open(row, deed.now):
        raise WrongState(kind="card_issue", state="over")
    return row


def _last_pin(session: Session, community_id: int, person_id: int) -> tuple[str, str]:
    """The number and the PIN of a person's last card; nothing matches a missing PIN."""
    row = session.execute(
        select(card.c.card_no, card.c.pin_hash)
        .where(
            card.c.community_id == community_id,
            card.c.person_id.in_(records_of(community_id, [person_id])),
        )
        .order_by(card.c.issued_at.desc(), card.c.id.desc())
        .limit(1)
    ).first()
    number = str(person_id) if row is None else row.card_no
    hashed = None if row is None else row.pin_hash
    return number, hashed or nobody_hash(profile_of(session))
