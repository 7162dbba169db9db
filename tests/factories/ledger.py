"""Builders for the books: accounts with a balance, holds, and one-line transactions."""

from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from timebank.ledger.actions import Outcome, ensure_account, post
from timebank.ledger.queries import balance_of
from timebank.ledger.rules import RECORD, Move, PlaceHold, PostingLine, Request
from timebank.values import MINUTES, from_us, to_us

_numbers = count(1)
START = datetime.fromisoformat("2025-06-10T02:00:00+00:00")


def make_request(
    *lines: PostingLine, key: str | None = None, client: str = "test", **told
) -> Request:
    """A request for one transaction under a new key, or under the given one."""
    return Request(client, key or f"key-{next(_numbers)}", told.pop("kind", "test"), lines, **told)


def post_now(session: Session, *requests: Request, community_id: int = 1) -> list[Outcome]:
    """Post as one batch at ten in the morning."""
    return post(session, community_id, requests, now=START)


def make_account(
    session: Session,
    *,
    kind: str = "person",
    commodity: str = MINUTES,
    floor: int | None = 0,
    ceiling: int | None = None,
    filled: int = 0,
    community_id: int = 1,
) -> int:
    """Open the account of a new owner and fill it from the community."""
    opened = ensure_account(
        session, community_id, kind, commodity,
        owner_id=next(_numbers), floor=floor, ceiling=ceiling,
    )  # fmt: skip
    if filled:
        source = make_issue(session, commodity, community_id=community_id)
        request = make_request(Move(source, opened, filled))
        assert post_now(session, request, community_id=community_id)[0].refusal is None
    return opened


def make_issue(session: Session, commodity: str = MINUTES, *, community_id: int = 1) -> int:
    """The account without a floor that everything comes from."""
    return ensure_account(session, community_id, "issue", commodity)


def make_hold(session: Session, source: int, destination: int, quantity: int) -> tuple[int, int]:
    """Place a hold for three days; return its name."""
    expires_us = to_us(START) + 3 * 86_400_000_000
    assert from_us(expires_us) > START
    outcome = post_now(session, make_request(PlaceHold(source, destination, quantity, expires_us)))[
        0
    ]
    assert outcome.refusal is None
    return outcome.txn_id, 0


def make_shortfall(session: Session, owner_id: int, *, lacking: int = 30) -> tuple[int, int]:
    """Give more at a kiosk than the passbook holds; return the passbook and the transaction."""
    own = ensure_account(session, 1, "person", MINUTES, owner_id=owner_id, floor=0)
    issue = make_issue(session)
    post_now(session, make_request(Move(issue, own, 60)))
    had = balance_of(session, 1, "person", MINUTES, owner_id=owner_id).available
    fact = make_request(Move(own, issue, had + lacking), client="device:1", mode=RECORD)
    return own, post_now(session, fact)[0].txn_id
