"""Read one record of a person as of another one, and part them again: homes, quota, balances.

No action stands here; ``merging.py`` checks who asked and who answered.
"""

from collections.abc import Callable
from typing import Any

from timebank.aid.actions import origins as aid
from timebank.deeds.deed import Deed
from timebank.errors import WrongState
from timebank.hours.actions.register import NewVolunteer, open_accounts, write_volunteers
from timebank.hours.queries import terms_on, volunteer_of
from timebank.hours.rules import Terms
from timebank.households.actions.moving import bring_papers, homes_lived_in, is_last_of
from timebank.ledger.actions import ensure_account, post_one
from timebank.ledger.corrections import corrections_of
from timebank.ledger.queries import balances_owned, lines_back
from timebank.ledger.rules import Move
from timebank.people.actions.homes import homes_locked
from timebank.people.actions.merges import (
    homes_of,
    mark_merged,
    mark_parted,
    write_record_move,
)
from timebank.people.actions.visits import end_visits
from timebank.values import MINUTES, SERVED, local_day

Check = Callable[[], None]


def join_records(deed: Deed, row: Any, *, check: Check) -> dict[str, Any]:
    """Read the record of ``person_id`` as of ``into_person_id``; return what the merge did.

    **Refuses**: what ``check`` refuses once everything is locked; ``ClaimsOpen``; ``WrongState``
    while hours are set aside.
    """
    gone_id, kept_id = row.person_id, row.into_person_id
    from_id, to_id = _homes_locked(deed, gone_id, kept_id)
    check()
    if from_id is not None and to_id is not None and from_id != to_id:
        _bring_share(deed, row, from_id=from_id, to_id=to_id)
        write_record_move(deed, gone_id, from_id=from_id, to_id=to_id)
    relation = mark_merged(deed, gone_id, kept_id, home_id=to_id)
    _keep_volunteer(deed, gone_id, kept_id)
    end_visits(deed, why="other_visit", person_id=gone_id)
    txn_id = _bring_balances(deed, gone_id, kept_id)
    return {"from_household_id": from_id, "from_relation": relation, "txn_id": txn_id}


def part_records(deed: Deed, merge: Any, *, check: Check) -> dict[str, Any]:
    """Let a record stand for itself again, where it lived before, with what it had.

    **Refuses**: what ``check`` refuses; ``InsufficientBalance`` where what it had is spent.
    """
    gone_id, kept_id, from_id = merge.person_id, merge.into_person_id, merge.from_household_id
    _was, now_id = _homes_locked(deed, gone_id, kept_id, also=from_id)
    check()
    txn_id = None if merge.txn_id is None else _part_balances(deed, merge.txn_id)
    mark_parted(deed, gone_id, home_id=from_id, relation=merge.from_relation)
    if from_id is not None and from_id != now_id:
        write_record_move(deed, gone_id, from_id=now_id, to_id=from_id)
    for one in (gone_id, kept_id):
        end_visits(deed, why="other_visit", person_id=one)
    return {"txn_id": txn_id}


def _homes_locked(
    deed: Deed, gone_id: int, kept_id: int, *, also: int | None = None
) -> tuple[int | None, int | None]:
    """Lock the households, then both records; return where each of them lives.

    **Refuses**: ``WrongState`` for somebody who was moved while we waited.
    """
    pair = (gone_id, kept_id)
    before = homes_of(deed, pair)
    aid.lock_homes(deed, {one for one in (*before.values(), also) if one is not None})
    homes = homes_locked(deed, pair)
    if homes != before:
        raise WrongState(kind="person", state="moved")
    return homes[gone_id], homes[kept_id]


def _bring_share(deed: Deed, row: Any, *, from_id: int, to_id: int) -> None:
    """What the other household took counts on, by the rule of a move: it counts once."""
    people = (row.person_id,)
    if is_last_of(deed, people, from_id) or bring_papers(deed, people, from_id):
        aid.require_no_open_claims(deed, [from_id])
        aid.count_for(deed, to_id, homes_lived_in(deed, people, from_id), merge_id=row.id)


def _keep_volunteer(deed: Deed, gone_id: int, kept_id: int) -> None:
    """Whoever was registered under the other record is a volunteer under the one that is kept."""
    old = volunteer_of(deed.session, deed.community_id, gone_id)
    if old is not None and volunteer_of(deed.session, deed.community_id, kept_id) is None:
        write_volunteers(deed, (NewVolunteer(kept_id, old.since_on, old.team),))


def _bring_balances(deed: Deed, gone_id: int, kept_id: int) -> int | None:
    """Post everything that the one account holds to the other; None where nothing is held.

    What the ceiling of hours does not let in goes to the pool, as with any credit.
    """
    session, community_id = deed.session, deed.community_id
    held = balances_owned(session, community_id, "person", gone_id)
    if any(one.pending_in or one.pending_out for one in held.values()):
        raise WrongState(kind="person", state="hours_held")
    amounts = {code: one.posted for code, one in sorted(held.items()) if one.posted > 0}
    if not amounts:
        return None
    today = local_day(deed.now)
    terms = terms_on(session, community_id, [today])[today]
    spend, served = open_accounts(session, community_id, [kept_id], terms)
    known = {MINUTES: spend[kept_id], SERVED: served[kept_id]}
    lines = []
    for code, amount in amounts.items():
        source = ensure_account(session, community_id, "person", code, owner_id=gone_id)
        target = known.get(code) or ensure_account(
            session, community_id, "person", code, owner_id=kept_id, floor=0
        )
        over = _above_ceiling(deed, kept_id, amount, terms) if code == MINUTES else 0
        lines.append(Move(source, target, amount - over))
        if over:
            lines.append(Move(source, ensure_account(session, community_id, "pool", code), over))
    moves = [line for line in lines if line.quantity]
    return post_one(deed.under(f"{deed.request_id}:merge"), kind="person_merge", lines=moves)


def _above_ceiling(deed: Deed, kept_id: int, amount: int, terms: Terms) -> int:
    own = balances_owned(deed.session, deed.community_id, "person", kept_id).get(MINUTES)
    has = 0 if own is None else own.posted + own.pending_in
    return max(0, min(amount, has + amount - terms.balance_cap_minutes))


def _part_balances(deed: Deed, txn_id: int) -> int:
    """Reverse what brought the balances together.

    Hours that were taken back meanwhile were carried to the other account first. That is undone in
    the same transaction, because neither account could wait for the other.
    """
    under, kind = deed.under(f"{deed.request_id}:part"), "person_merge_undone"
    carried = [
        one.txn_id for one in corrections_of(deed.session, deed.community_id, txn_id)
        if not one.is_reversal
    ]  # fmt: skip
    if not carried:
        return post_one(under, kind=kind, reverses_id=txn_id)
    lines = lines_back(deed.session, deed.community_id, [txn_id, *carried])
    return post_one(under, kind=kind, lines=lines, relates_id=txn_id)
