"""Open accounts, and ``post()``, the only writer of postings and balances.

The same algorithm on both engines: look up the request keys, lock the balance rows in order,
decide in Python, write. A batch takes the same few statements as a single request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.db import FIRST_TRY
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import RequestKeyReused
from timebank.errors import TimebankError
from timebank.ledger import reversals, rows, suspense, writing
from timebank.ledger.opening import FreshAccount, ensure_commodities, open_accounts
from timebank.ledger.queries import find_account
from timebank.ledger.recording import RecordingBooks
from timebank.ledger.rows import Name, RecordedOutcome
from timebank.ledger.rules import (
    AUTHORISE,
    RECORD,
    DecidedPosting,
    HeldLine,
    PostingDecision,
    PostingLine,
    Request,
    ResolveHold,
)
from timebank.values import new_id, to_us


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request; ``replayed`` means that it was posted before."""

    txn_id: int
    refusal: TimebankError | None = None
    replayed: bool = False


def ensure_account(
    session: Session,
    community_id: int,
    kind: str,
    commodity_code: str,
    *,
    owner_id: int = 0,
    floor: int | None = None,
    ceiling: int | None = None,
) -> int:
    """Find an account; open it if it is missing.

    **Units**: ``floor`` and ``ceiling`` in units of the commodity; None means unlimited.
    """
    known = find_account(session, community_id, kind, commodity_code, owner_id=owner_id)
    if known is not None:
        return known
    counted = ensure_commodities(session, community_id, [commodity_code])[commodity_code]
    fresh = FreshAccount(
        kind=kind, commodity_id=counted, owner_id=owner_id, floor=floor, ceiling=ceiling
    )
    return open_accounts(session, community_id, [fresh])[0]


def post(
    session: Session, community_id: int, requests: Sequence[Request], *, now: datetime
) -> list[Outcome]:
    """Post a batch; each request is atomic and independent of the others.

    A request that the rules refuse becomes a *rejected* transaction with its reason, so that a
    retry gets the first answer in any case.
    """
    connection = session.connection()
    # A single request in the first attempt of its unit of work is nearly always new. If it is
    # not, the unique key refuses it, and the second attempt looks it up.
    is_new = len(requests) == 1 and session.info.get(FIRST_TRY, False)
    known = {} if is_new else rows.known_requests(connection, community_id, requests)
    fresh: dict[Name, Request] = {}
    for request in requests:
        if request.name not in known:
            fresh.setdefault(request.name, request)
    decisions = _decide(session, community_id, list(fresh.values()), to_us(now))
    decided = [(RecordedOutcome(new_id(), d.request.fingerprint, d.refusal), d) for d in decisions]
    if decided:
        writing.write(connection, community_id, decided)
    firsts = {decision.request.name: answer for answer, decision in decided}
    return [_outcome(request, known, firsts) for request in requests]


def post_one(
    deed: Deed,
    *,
    kind: str,
    lines: Iterable[PostingLine] = (),
    effective_at: datetime | None = None,
    reverses_id: int | None = None,
    relates_id: int | None = None,
    mode: int = AUTHORISE,
    note: str = "",
) -> int:
    """Post one transaction within a deed and return it; raise the refusal if there is one."""
    assert deed.request_id, "a transaction has a key, so that a second attempt posts nothing"
    request = Request(
        client=deed.by.client, key=deed.request_id, kind=kind, lines=tuple(lines),
        effective_us=to_us(effective_at or deed.now),
        reverses_id=reverses_id, relates_id=relates_id, mode=mode, note=note,
    )  # fmt: skip
    outcome = post(deed.session, deed.community_id, [request], now=deed.now)[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.txn_id


def _outcome(
    request: Request, answers: dict[Name, RecordedOutcome], firsts: dict[Name, RecordedOutcome]
) -> Outcome:
    """Answer one request of a batch; the first with a new key is posted, the others are replays."""
    answer = answers.get(request.name)
    if answer is None:
        answer = answers[request.name] = firsts[request.name]
        return Outcome(answer.txn_id, answer.refusal)
    if answer.fingerprint != request.fingerprint:
        return Outcome(answer.txn_id, RequestKeyReused())
    return Outcome(answer.txn_id, answer.refusal, replayed=True)


def _decide(
    session: Session, community_id: int, requests: list[Request], now_us: int
) -> list[PostingDecision]:
    if not requests:
        return []
    connection = session.connection()
    holds = rows.holds_named(connection, community_id, requests)
    originals = rows.originals_of(connection, community_id, requests)
    touched = _touched(requests, holds, originals)
    lacking = reversals.lacking_below(connection, community_id, originals)
    beside = {}
    if lacking or any(request.mode == RECORD for request in requests):
        # A settlement locks suspense as well, so it and a reversal cannot run at the same time.
        beside = suspense.accounts_for(session, community_id, touched | lacking)
    counters = rows.lock_balances(connection, community_id, touched | set(beside.values()))
    # Read after the lock what has ended and what has been reversed: the transactions that
    # held the lock before have committed.
    for name in rows.ended_holds(connection, community_id, holds):
        holds[name] = replace(holds[name], resolved=True)
    books = RecordingBooks(
        counters=counters,
        holds=holds,
        originals=originals,
        reversed_ids=rows.reversed_among(connection, community_id, originals),
        barred=reversals.barred_among(connection, community_id, originals),
        related_ids=rows.related_to(connection, community_id, requests),
        suspense=beside,
    )
    return [books.decide(request, now_us) for request in requests]


def _touched(
    requests: Sequence[Request],
    holds: Mapping[tuple[int, int], HeldLine],
    originals: Mapping[int, tuple[DecidedPosting, ...]],
) -> set[int]:
    """List every account that the requests may move."""
    sides: list[HeldLine | DecidedPosting] = [*holds.values()]
    for entries in originals.values():
        sides += entries
    named = {r.closes_id for r in requests if r.closes_id is not None}
    for request in requests:
        lines = [line for line in request.lines if not isinstance(line, ResolveHold)]
        named |= {a for line in lines for a in (line.source, line.destination)}
    return named | {a for side in sides for a in (side.source, side.destination)}
