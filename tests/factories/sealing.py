"""Builders for the log: a signer for tests, and sealing."""

from sqlalchemy.orm import Session

from tests.factories.ledger import START, make_account, make_request, post_now
from timebank.db import Database
from timebank.ledger.rules import Move
from timebank.sealing.actions import Sealed, seal
from timebank.sealing.keys import Signer
from timebank.sealing.notes import origin_of

SEAL_KEY = bytes(range(32))
SIGNER = Signer(SEAL_KEY)
ORIGIN = origin_of("ours")
VERIFIER = SIGNER.verifier(ORIGIN)


def seal_now(session: Session, *, community_id: int = 1, **told) -> Sealed:
    """Seal what waits in the test's own unit of work."""
    return seal(session, community_id, now=START, signer=SIGNER, **told)


def seal_in(database: Database, **told) -> Sealed:
    """Seal in a separate unit of work."""
    return database.write(lambda session, now: seal(session, 1, now=now, signer=SIGNER, **told))


def move_some(session: Session, count: int, **told) -> list[int]:
    """Post some transactions between two new passbooks; return their names."""
    source, destination = make_account(session, filled=1000), make_account(session)
    requests = [make_request(Move(source, destination, 1), **told) for _ in range(count)]
    return [outcome.txn_id for outcome in post_now(session, *requests)]
