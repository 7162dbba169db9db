"""Random requests in random order: the books and the model give the same results."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, update

from tests.counts import repeats
from tests.factories import make_by
from tests.factories.recount import broken_accounts
from tests.ledger.model import Account, Model
from timebank.deeds.deed import Deed
from timebank.deeds.tables import community
from timebank.errors import TimebankError
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.queries import balances_of, sums_by_commodity
from timebank.ledger.rules import AUTHORISE, RECORD, Move, PlaceHold, Request, ResolveHold
from timebank.ledger.shortfalls import open_shortfalls, settle, shortfall_of, write_off
from timebank.ledger.suspense import SUSPENSE, VARIANCE
from timebank.ledger.tables import balance
from timebank.values import FEN, MINUTES

FUTURE_US = 4_000_000_000_000_000
_communities = count(1000)
# Owner number: what the account counts, its floor and its ceiling, and whether it is closed.
ACCOUNTS = {
    0: Account(MINUTES),
    1: Account(MINUTES, floor=0),
    2: Account(MINUTES, floor=0, ceiling=60),
    3: Account(MINUTES, floor=-20),
    4: Account(MINUTES, floor=0, closed=True),
    5: Account(FEN),
    6: Account(FEN, floor=0),
    7: Account(MINUTES, floor=0),
}
POOL = 7
# Mostly what is likely to be done, now and then what never may be.
side = st.sampled_from([0, 1, 1, 2, 2, 3, 3, 4, 6, POOL, POOL, POOL])
quantity = st.integers(1, 40)
way = st.sampled_from(["out", "out", "held", "in"])

EXAMPLES = repeats(12, 60)


class Abandoned(Exception):
    """Something went wrong later in the unit of work."""


class Books(RuleBasedStateMachine):
    """One community of the database, and its model."""

    def __init__(self, database):
        super().__init__()
        self.database = database
        self.keys = count(1)
        self.answers = {}  # request -> (txn id, code of its refusal)

    @initialize()
    def open_the_books(self):
        self.community_id = next(_communities)

        def work(session, now):
            code = f"model-{self.community_id}"
            named = {"id": self.community_id, "code": code, "name_zh": code, "name_en": code}
            session.execute(insert(community).values(**named))
            ids = [self._open(session, number, kept) for number, kept in ACCOUNTS.items()]
            self.ids = dict(zip(ACCOUNTS, ids, strict=True))
            self.aside, self.variance = (
                {
                    code: ensure_account(session, self.community_id, kind, code)
                    for code in (MINUTES, FEN)
                }
                for kind in (SUSPENSE, VARIANCE)
            )

        self.database.write(work)
        kept = {self.ids[number]: Account(**vars(found)) for number, found in ACCOUNTS.items()}
        for accounts in (self.aside, self.variance):
            kept |= {account_id: Account(code) for code, account_id in accounts.items()}
        self.model = Model(kept, aside=self.aside)
        fill = [Move(self.ids[0], self.ids[1], 50), Move(self.ids[5], self.ids[6], 50)]
        fill += [Move(self.ids[0], self.ids[POOL], 60)]
        self._send([self._ask(*fill)])

    def _open(self, session, number, kept):
        opened = ensure_account(
            session, self.community_id, "model", kept.commodity,
            owner_id=number, floor=kept.floor, ceiling=kept.ceiling,
        )  # fmt: skip
        if kept.closed:
            session.execute(
                update(balance).where(balance.c.account_id == opened).values(closed=True)
            )
        return opened

    def _ask(self, *lines, **told):
        return Request("model", f"k{next(self.keys)}", "model", lines, **told)

    def _draw_line(self, data):
        """Draw a move, a hold, or the end of a hold that was placed before."""
        kinds = ["move", "move", "place", *(["end", "end"] if self.model.holds else [])]
        kind = data.draw(st.sampled_from(kinds))
        if kind == "end":
            name = data.draw(st.sampled_from(sorted(self.model.holds)))
            return ResolveHold(
                *name, data.draw(st.integers(0, self.model.holds[name].quantity + 1))
            )
        told = self.ids[data.draw(side)], self.ids[data.draw(side)], data.draw(quantity)
        return Move(*told) if kind == "move" else PlaceHold(*told, FUTURE_US)

    def _draw_request(self, data):
        """Draw a new request, a reversal, an old request, or an old key with other content."""
        kind = data.draw(st.sampled_from(["new", "new", "new", "reverse", "again", "misuse"]))
        mode = data.draw(st.sampled_from([AUTHORISE, AUTHORISE, RECORD]))
        if kind == "reverse":
            txn_id = data.draw(st.sampled_from(sorted(self.model.moved)))
            return self._ask(reverses_id=txn_id, mode=mode)
        old = data.draw(st.sampled_from(list(self.answers)))
        if kind == "again":
            return old
        lines = [self._draw_line(data) for _ in range(data.draw(st.integers(1, 3)))]
        return (
            Request(*old.name, "misused", tuple(lines))
            if kind == "misuse"
            else self._ask(*lines, mode=mode)
        )

    def _post(self, requests):
        return self.database.write(
            lambda session, now: post(session, self.community_id, requests, now=now)
        )

    def _send(self, requests):
        for request, outcome in zip(requests, self._post(requests), strict=True):
            self._check(request, outcome)

    def _check(self, request, outcome):
        code = outcome.refusal.code if outcome.refusal else None
        known = {old.name: old for old in self.answers}
        old = known.get(request.name)
        if old is None:
            wrong, trial = self.model.expect(request)
            assert (code in wrong) if wrong else (code is None), (request, code, wrong)
            if not wrong:
                trial.note(outcome.txn_id, request)
                self.model = trial
            self.answers[request] = outcome.txn_id, code
            assert not outcome.replayed
        elif old.fingerprint == request.fingerprint:
            assert (outcome.txn_id, code) == self.answers[old]
            assert outcome.replayed
        else:
            assert code == "REQUEST_KEY_REUSED"

    @rule(data=st.data())
    def one_request(self, data):
        self._send([self._draw_request(data)])

    @rule(data=st.data(), size=st.integers(2, 5))
    def a_batch(self, data, size):
        self._send([self._draw_request(data) for _ in range(size)])

    @rule(rush=st.lists(st.tuples(way, quantity), min_size=2))
    def a_rush_on_the_pool(self, rush):
        """Many requests of one batch for the same account."""
        self._send([self._ask(self._at_the_pool(*one)) for one in rush])

    def _at_the_pool(self, way, much):
        pool, other = self.ids[POOL], self.ids[0]
        if way == "in":
            return Move(other, pool, much)
        return Move(pool, other, much) if way == "out" else PlaceHold(pool, other, much, FUTURE_US)

    @rule(source=side, destination=side, much=st.integers(20, 90))
    def a_fact_that_may_lack(self, source, destination, much):
        self._send([self._ask(Move(self.ids[source], self.ids[destination], much), mode=RECORD)])

    @rule(number=st.sampled_from([2, 3, 4, 6, POOL]))
    def a_closing(self, number):
        self._send([self._ask(closes_id=self.ids[number])])

    @rule(data=st.data(), first=st.integers(0, 3))
    def the_same_twice_in_a_batch(self, data, first):
        request = self._ask(self._draw_line(data))
        self._send([request, *list(self.answers)[:first], request])

    @precondition(lambda self: self.model.lacking)
    @rule(data=st.data(), is_borne=st.booleans())
    def a_settling(self, data, is_borne):
        txn_id = data.draw(st.sampled_from(sorted(self.model.lacking)))
        by, key = self._somebody(), f"k{next(self.keys)}"

        def work(session, now):
            case = shortfall_of(session, self.community_id, txn_id)
            if is_borne:
                return write_off(Deed(session, by, now, key), case=case, note="nobody knows")
            return settle(Deed(session, by, now, key), case=case)

        wrong, trial = self.model.expect_settling(txn_id, self.variance if is_borne else None)
        try:
            self.database.write(work)
        except TimebankError as refusal:
            assert refusal.code in wrong
        else:
            assert not wrong
            self.model = trial

    @precondition(lambda self: self.model.lacking)
    @rule(data=st.data(), mode=st.sampled_from([AUTHORISE, RECORD]))
    def an_undoing_of_what_lacked(self, data, mode):
        txn_id = data.draw(st.sampled_from(sorted(self.model.lacking)))
        self._send([self._ask(reverses_id=txn_id, mode=mode)])

    @precondition(lambda self: self.model.settled)
    @rule(data=st.data(), mode=st.sampled_from([AUTHORISE, RECORD]))
    def an_undoing_of_what_was_settled(self, data, mode):
        txn_id = data.draw(st.sampled_from(sorted(self.model.settled)))
        self._send([self._ask(reverses_id=txn_id, mode=mode)])

    def _somebody(self):
        return make_by("coordinator", community_id=self.community_id)

    @rule(data=st.data())
    def a_unit_that_fails_later(self, data):
        requests = [self._draw_request(data)]

        def work(session, now):
            post(session, self.community_id, requests, now=now)
            raise Abandoned

        with pytest.raises(Abandoned):
            self.database.write(work)

    @invariant()
    def balances_are_those_of_the_model(self):
        if not hasattr(self, "model"):
            return
        with self.database.reading() as session:
            found = balances_of(session, self.community_id, list(self.model.accounts))
            sums = sums_by_commodity(session, self.community_id)
            lacks = session.execute(open_shortfalls(self.community_id)).all()
        lacking = Counter()
        for lack in lacks:
            lacking[lack.txn_id, lack.account_id, lack.side] += lack.quantity
        assert lacking == Counter(
            (txn_id, *one) for txn_id, case in self.model.lacking.items() for one in case
        )
        for account_id, kept in self.model.accounts.items():
            here = found[account_id]
            assert (here.posted, here.pending_in, here.pending_out) == (
                kept.posted, kept.coming, kept.going,
            )  # fmt: skip
        assert sums == {MINUTES: (0, 0), FEN: (0, 0)}

    def teardown(self):
        if not hasattr(self, "model"):
            return
        with self.database.reading() as session:
            assert broken_accounts(session, self.community_id) == []


@pytest.mark.slow
def test_the_books_and_the_model_agree(fresh_database):
    run_state_machine_as_test(
        lambda: Books(fresh_database),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=20),
    )


@pytest.mark.slow
def test_a_model_that_forgets_the_holds_is_found_out(fresh_database, monkeypatch):
    """The negative control: the walk does reach states in which holds matter."""
    monkeypatch.setattr("timebank.ledger.rules.Counters.available", property(lambda c: c.posted))
    # It takes what is held: then the database or the model refuses.
    with pytest.raises(Exception, match=r"balance_floor|INSUFFICIENT"):
        run_state_machine_as_test(
            lambda: Books(fresh_database),
            settings=settings(
                max_examples=40, stateful_step_count=25, database=None, phases=[Phase.generate]
            ),
        )
