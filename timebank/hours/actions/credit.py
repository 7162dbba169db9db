"""From confirmed minutes to the books: steps, daily cap, ceiling, overflow to the pool."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from timebank.db import among, written
from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.hours import may
from timebank.hours.actions.guards import check_not_own, take_balances, take_records
from timebank.hours.actions.register import open_accounts
from timebank.hours.messages import tell_credited
from timebank.hours.queries import terms_on
from timebank.hours.rules import (
    CONFIRMED,
    CREDITED,
    REVERSED,
    Terms,
    credit_of,
    split_at_ceiling,
)
from timebank.hours.tables import service_record
from timebank.ledger.actions import ensure_account, post, post_one
from timebank.ledger.queries import has_received
from timebank.ledger.rules import Counters, Move, Request
from timebank.people.queries import briefs, kin_now, merge_in_force
from timebank.people.queries.merged import kept_ids
from timebank.values import MINUTES, SERVED, to_us

Day = tuple[int, date]  # A person on a local day.


@dataclass(frozen=True, slots=True)
class RecordCredited:
    """The credit of one session. **Units**: minutes; the credit includes the pool's part."""

    record_id: int
    real_minutes: int
    credited_minutes: int
    over_cap_minutes: int
    pool_minutes: int


@dataclass(frozen=True, slots=True)
class CreditReversed:
    record_id: int
    txn_id: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """The source and targets of hours: person id to account id, and the community's accounts."""

    spend: Mapping[int, int]
    served: Mapping[int, int]
    issue_minutes: int
    issue_served: int
    pool: int

    def all_of(self, person_ids: Iterable[int]) -> set[int]:
        own = {ids[person] for person in person_ids for ids in (self.spend, self.served)}
        return own | {self.issue_minutes, self.issue_served, self.pool}


def credit(deed: Deed, rows: Sequence[Row[Any]]) -> tuple[RecordCredited, ...]:
    """Credit sessions that have every confirmation they need, in the order in which they took
    place.
    """
    if not rows:
        return ()
    ordered = sorted(rows, key=lambda row: (row.started_at, row.id))
    terms = terms_on(deed.session, deed.community_id, {row.started_on for row in ordered})
    kept_by_id = kept_ids(
        deed.session, deed.community_id, {row.person_id for row in ordered}, lock=True
    )
    accounts = _accounts(deed.session, deed.community_id, sorted(set(kept_by_id.values())), terms)
    # Lock the balances first, so that two concurrent confirmations cannot both use the rest of a
    # daily cap. Lock all at once in id order, which avoids deadlocks.
    wanted = accounts.all_of(set(kept_by_id.values()))
    counters = take_balances(deed.session, deed.community_id, wanted)
    before = _credited_by_day(deed.session, deed.community_id, ordered, kept_by_id)
    plan = _Plan(accounts=accounts, counters=counters, credited=before, kept=kept_by_id)
    done = [plan.judge(row, terms[row.started_on]) for row in ordered]
    txn_ids = _post(deed, done, ordered, plan)
    _settle(deed.session, deed.community_id, deed.now, done, txn_ids)
    tell_credited(deed, done, ordered)
    return tuple(done)


@dataclass
class _Plan:
    """The running totals of a batch, starting from the locked rows.

    ``kept`` has the record that is kept of each person: one person has one day and one balance.
    """

    accounts: Accounts
    counters: Mapping[int, Counters]
    credited: dict[Day, int]
    kept: Mapping[int, int]
    gained: dict[int, int] = field(default_factory=dict)

    def judge(self, row: Row[Any], terms: Terms) -> RecordCredited:
        """Compute the credit of one session after the ones before it."""
        person_id = self.kept[row.person_id]
        day = (person_id, row.started_on)
        credit = credit_of(
            row.real_minutes, credited_that_day=self.credited.get(day, 0), terms=terms
        )
        to_person, to_pool = split_at_ceiling(
            credit.credited_minutes,
            held_already=self._held(person_id),
            ceiling=terms.balance_cap_minutes,
        )
        self.credited[day] = self.credited.get(day, 0) + credit.credited_minutes
        self.gained[person_id] = self.gained.get(person_id, 0) + to_person
        return RecordCredited(
            record_id=row.id,
            real_minutes=row.real_minutes,
            credited_minutes=credit.credited_minutes,
            over_cap_minutes=credit.over_cap_minutes,
            pool_minutes=to_pool,
        )

    def _held(self, person_id: int) -> int:
        own = self.counters[self.accounts.spend[person_id]]
        return own.posted + own.pending_in + self.gained.get(person_id, 0)

    def moves(self, person_id: int, credit: RecordCredited) -> tuple[Move, ...]:
        """The postings: hours to spend, the overflow to the pool, and the cumulative counter."""
        use, person_id = self.accounts, self.kept[person_id]
        to_person = credit.credited_minutes - credit.pool_minutes
        moves = (
            Move(use.issue_minutes, use.spend[person_id], to_person),
            Move(use.issue_minutes, use.pool, credit.pool_minutes),
            Move(use.issue_served, use.served[person_id], credit.credited_minutes),
        )
        return tuple(move for move in moves if move.quantity)


def _accounts(
    session: Session, community_id: int, person_ids: list[int], terms: Mapping[date, Terms]
) -> Accounts:
    spend, served = open_accounts(session, community_id, person_ids, terms[max(terms)])
    return Accounts(
        spend=spend,
        served=served,
        issue_minutes=ensure_account(session, community_id, "issue", MINUTES),
        issue_served=ensure_account(session, community_id, "issue", SERVED),
        pool=ensure_account(session, community_id, "pool", MINUTES, floor=0),
    )


_RECORD = service_record.c
_CREDITED = (
    select(_RECORD.person_id, _RECORD.started_on, func.sum(_RECORD.credited_minutes))
    .where(
        _RECORD.community_id == bindparam("of_community"),
        _RECORD.state == written(CREDITED),
        among(_RECORD.person_id, "person_ids"),
        _RECORD.started_on.between(bindparam("first_on"), bindparam("last_on")),
    )
    .group_by(_RECORD.person_id, _RECORD.started_on)
)


def _credited_by_day(
    session: Session, community_id: int, rows: Sequence[Row[Any]], kept_by_id: Mapping[int, int]
) -> dict[Day, int]:
    """Add up what those days have credited already, without reversed credits."""
    days = {row.started_on for row in rows}
    asked = {
        "of_community": community_id, "person_ids": set(kept_by_id),
        "first_on": min(days), "last_on": max(days),
    }  # fmt: skip
    before: dict[Day, int] = {}
    for person_id, day, total in session.execute(_CREDITED, asked):
        own = (kept_by_id[person_id], day)
        before[own] = before.get(own, 0) + int(total)
    return before


def _post(
    deed: Deed, done: Sequence[RecordCredited], rows: Sequence[Row[Any]], plan: _Plan
) -> dict[int, int]:
    """Post one transaction for each credited session, all in one batch."""
    counting = [
        (credited, row)
        for credited, row in zip(done, rows, strict=True)
        if credited.credited_minutes
    ]
    requests = [
        Request(
            client=deed.by.client,
            key=f"{deed.request_id}:{row.id}",
            kind="service_credit",
            lines=plan.moves(row.person_id, credited),
            effective_us=to_us(row.ended_at),
        )
        for credited, row in counting
    ]
    outcomes = post(deed.session, deed.community_id, requests, now=deed.now) if requests else []
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
    return {row.id: o.txn_id for (_, row), o in zip(counting, outcomes, strict=True)}


_SETTLE = (
    update(service_record)
    .where(
        service_record.c.community_id == bindparam("of_community"),
        service_record.c.id == bindparam("of_record"),
    )
    .values(
        state=bindparam("new_state"),
        credited_minutes=bindparam("credited"),
        over_cap_minutes=bindparam("over_cap"),
        pool_minutes=bindparam("pool"),
        txn_id=bindparam("in_txn"),
        settled_at=bindparam("at"),
    )
)


def _settle(
    session: Session,
    community_id: int,
    now: datetime,
    credits: Sequence[RecordCredited],
    txn_ids: Mapping[int, int],
) -> None:
    session.connection().execute(
        _SETTLE,
        [
            {
                "of_community": community_id,
                "of_record": credited.record_id,
                "new_state": CREDITED if credited.credited_minutes else CONFIRMED,
                "credited": credited.credited_minutes,
                "over_cap": credited.over_cap_minutes,
                "pool": credited.pool_minutes,
                "in_txn": txn_ids.get(credited.record_id),
                "at": now,
            }
            for credited in credits
        ],
    )


@action("reverse_credit")
def reverse_credit(deed: Deed, *, record_id: int, reason: str) -> CreditReversed:
    """Reverse hours that were credited by mistake: dated today, with a reason.

    **Refuses**: ``NotFound``; ``NotAllowed``; ``SelfConfirm``; ``WrongState``; ``BadInput``;
    ``InsufficientBalance`` if the hours are spent already.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    row = take_records(deed.session, deed.community_id, [record_id])[0]
    people = briefs(deed.session, deed.community_id, [row.person_id])
    check_not_own(kin_now(deed.session, deed.by, now=deed.now), row, people)
    if row.state != CREDITED:
        raise WrongState(kind="service_record", state=row.state, record_id=row.id)
    if not reason.strip():
        raise BadInput(field="reason", why="missing")
    _carry_back(deed, row)
    txn_id = post_one(
        deed.under(f"{deed.request_id}:reverse"), kind="credit_reversal", reverses_id=row.txn_id
    )
    deed.session.execute(
        update(service_record)
        .where(service_record.c.community_id == deed.community_id, service_record.c.id == record_id)
        .values(state=REVERSED, reason=reason.strip(), reversal_txn_id=txn_id)
    )
    audit(
        deed,
        name="reverse_credit",
        subject_kind="service_record",
        subject_id=record_id,
        facts={"minutes": row.credited_minutes},
    )
    return CreditReversed(record_id, txn_id)


def _carry_back(deed: Deed, row: Any) -> None:
    """Hours of a record that was merged since: first move them to the account they came to.

    The move relates to the merge, so that whoever takes the merge back takes it back too.
    """
    session, community_id = deed.session, deed.community_id
    kept_id = kept_ids(session, community_id, [row.person_id], lock=True)[row.person_id]
    merge = (
        None if kept_id == row.person_id else merge_in_force(session, community_id, row.person_id)
    )
    served = ensure_account(session, community_id, "person", SERVED, owner_id=row.person_id)
    if merge is None or not has_received(session, community_id, row.txn_id, served):
        return
    amounts = {MINUTES: row.credited_minutes - row.pool_minutes, SERVED: row.credited_minutes}
    lines = [
        Move(
            ensure_account(session, community_id, "person", code, owner_id=kept_id),
            ensure_account(session, community_id, "person", code, owner_id=row.person_id),
            amount,
        )
        for code, amount in amounts.items()
        if amount
    ]
    under = deed.under(f"{deed.request_id}:carry")
    post_one(under, kind="person_merge_undone", lines=lines, relates_id=merge.txn_id)
