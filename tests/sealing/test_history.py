"""The books as of a past instant are what they were then, sealed or not, early or late."""

from collections import defaultdict
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests.counts import repeats
from tests.sealing.sealer import seal_some, waiting
from timebank.deeds.tables import community
from timebank.ledger.actions import ensure_account, post
from timebank.ledger.rules import Move, PlaceHold, Request, ResolveHold
from timebank.ledger.statements import statement
from timebank.ledger.tables import txn
from timebank.sealing import history, snapshots, tiles
from timebank.sealing.history import owned_as_of, trial_balance
from timebank.sealing.tables import balance_snapshot
from timebank.values import FEN, MINUTES, from_us, to_us

FUTURE_US = 4_000_000_000_000_000
COUNTED = [MINUTES, MINUTES, MINUTES, MINUTES, FEN, FEN]
KINDS = ["issue", "person", "person", "pool", "issue", "pool"]
_communities = count(5000)
pair = st.sampled_from([(0, 1), (1, 2), (2, 1), (1, 3), (3, 0), (4, 5), (5, 4)])
number, quantity = st.integers(0, 30), st.integers(1, 9)
deeds = st.one_of(
    st.tuples(st.just("move"), pair, quantity),
    st.tuples(st.just("move"), pair, quantity),
    st.tuples(st.just("two"), pair, quantity),
    st.tuples(st.just("place"), pair, quantity),
    st.tuples(st.just("end"), number, quantity),
    st.tuples(st.just("reverse"), number),
    st.tuples(st.just("tick"), st.integers(-3, 5)),
    st.tuples(st.just("seal"), st.sets(st.integers(0, 9), max_size=6)),
    st.tuples(st.just("seal"), st.just(None)),
)


class Telling:
    """One community, and beside it a plain list of what happened, which is summed again."""

    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        self.community_id = next(_communities)
        self.keys = count(1)
        self.log = []  # (posted_us, [(source, destination, posted, pending)])
        self.holds, self.moves, self.ended, self.reversed = [], [], set(), set()
        self.snapshots = 0
        database.write(self._open)

    def _open(self, session, now):
        code = f"past-{self.community_id}"
        named = {"id": self.community_id, "code": code, "name_zh": code, "name_en": code}
        session.execute(insert(community).values(**named))
        self.ids = [
            ensure_account(session, self.community_id, KINDS[n], counted, owner_id=n)
            for n, counted in enumerate(COUNTED)
        ]

    def do(self, name, *told):
        getattr(self, name)(*told)

    def _post(self, effects, lines=(), **more):
        request = Request("past", f"k{next(self.keys)}", "past", tuple(lines), **more)

        def work(session, now):
            outcome = post(session, self.community_id, [request], now=now)[0]
            assert outcome.refusal is None, outcome.refusal
            asked = select(txn.c.posted_us).where(
                txn.c.community_id == self.community_id, txn.c.id == outcome.txn_id
            )
            return outcome.txn_id, session.scalar(asked)

        txn_id, posted_us = self.database.write(work)
        self.log.append((posted_us, effects))
        return txn_id

    def move(self, between, quantity, times=1):
        source, destination = between
        line = Move(self.ids[source], self.ids[destination], quantity)
        effects = [(source, destination, quantity, 0)] * times
        self.moves.append((self._post(effects, [line] * times), effects))

    def two(self, between, quantity):
        self.move(between, quantity, times=2)

    def place(self, between, quantity):
        source, destination = between
        line = PlaceHold(self.ids[source], self.ids[destination], quantity, FUTURE_US)
        txn_id = self._post([(source, destination, 0, quantity)], [line])
        self.holds.append((txn_id, source, destination, quantity))

    def end(self, which, part):
        open_ = [hold for hold in self.holds if hold[0] not in self.ended]
        if open_:
            txn_id, source, destination, whole = open_[which % len(open_)]
            captured = min(part - 1, whole)
            self.ended.add(txn_id)
            self._post(
                [(source, destination, captured, -whole)], [ResolveHold(txn_id, 0, captured)]
            )

    def reverse(self, which):
        left = [one for one in self.moves if one[0] not in self.reversed]
        if left:
            txn_id, effects = left[which % len(left)]
            self.reversed.add(txn_id)
            self._post([(b, a, moved, 0) for a, b, moved, _ in effects], reverses_id=txn_id)

    def tick(self, microseconds):
        self.clock.move(microseconds=microseconds)

    def seal(self, places):
        """Seal everything, or only some entries from the middle of what waits."""

        def work(session, now):
            left = waiting(session, self.community_id)
            chosen = [one for n, one in enumerate(left) if places is None or n in places]
            return seal_some(session, self.community_id, chosen)

        self.snapshots += self.database.write(work)

    def expected(self, at_us):
        """Sum everything from the first line: account number → posted, in, out."""
        found = defaultdict(lambda: [0, 0, 0])
        for posted_us, effects in self.log:
            if posted_us <= at_us:
                for source, destination, posted, pending in effects:
                    found[source][0] -= posted
                    found[destination][0] += posted
                    found[source][2] += pending
                    found[destination][1] += pending
        return found

    def check(self):
        instants = sorted({us + shift for us, _ in self.log for shift in (-1, 0)})
        with self.database.reading() as session:
            for turn, at_us in enumerate([0, *instants, FUTURE_US]):
                for n in (turn % 3, turn % 3 + 3):
                    self._check_balance(session, n, at_us)
                self._check_trial(session, at_us)
            for at_us in instants[:: max(1, len(instants) // 4)]:
                self._check_statement(session, at_us)

    def balance(self, session, n, at):
        owned = owned_as_of(session, self.community_id, KINDS[n], n, at=at)
        return owned[COUNTED[n]]

    def _check_balance(self, session, n, at_us):
        here = self.balance(session, n, from_us(at_us))
        found = [here.posted, here.pending_in, here.pending_out]
        assert found == self.expected(at_us)[n], (n, at_us)

    def _check_trial(self, session, at_us):
        kinds = defaultdict(lambda: [0, 0, 0, 0])
        for n, told in self.expected(at_us).items():
            key = COUNTED[n], KINDS[n]
            kinds[key] = [a + b for a, b in zip(kinds[key], [1, *told], strict=True)]
        lines = trial_balance(session, self.community_id, from_us(at_us))
        assert {
            (one.commodity_code, one.kind): [
                one.accounts, one.posted, one.pending_in, one.pending_out,
            ]
            for one in lines
        } == dict(kinds)  # fmt: skip
        for counted in (MINUTES, FEN):
            of_it = [one for one in lines if one.commodity_code == counted]
            assert sum(one.posted for one in of_it) == 0
            assert sum(one.pending_in - one.pending_out for one in of_it) == 0

    def _check_statement(self, session, at_us):
        """Read a passbook as its page does: the balance, then the lines up to its last one."""
        for n in (1, 2):
            whole = statement(session, self.community_id, self.ids[n], limit=500)
            before_seq = self.balance(session, n, from_us(at_us)).seq + 1
            past = statement(
                session, self.community_id, self.ids[n], limit=500, before_seq=before_seq
            )
            assert past == [line for line in whole if to_us(line.posted_at) <= at_us]


def told(database, clock, story):
    telling = Telling(database, clock)
    for name, *rest in story:
        telling.do(name, *rest)
    telling.check()
    return telling


@pytest.fixture
def short_walks(monkeypatch):
    """Snapshots and tiles so small that a few lines make several."""
    monkeypatch.setattr(snapshots, "STEPS_BETWEEN", 3)
    for place in (tiles, history):
        monkeypatch.setattr(place, "TILE", 2)


def hypotheses(**more):
    return settings(
        max_examples=repeats(15, 50),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        **more,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("short_walks")
@hypotheses()
@given(story=st.lists(deeds, min_size=4, max_size=24))
def test_the_past_is_what_adding_up_from_the_first_line_says(fresh_database, clock, story):
    told(fresh_database, clock, story)


def _a_month(telling, days, *, sealed=True):
    """A deed a day between the same two people, sealed every evening."""
    for _ in range(days):
        telling.move((0, 1), 5)
        telling.clock.move(days=1)
        if sealed:
            telling.seal(None)


@pytest.mark.usefixtures("short_walks")
def test_snapshots_are_taken_along_the_way_and_the_past_goes_on_from_them(fresh_database, clock):
    telling = Telling(fresh_database, clock)
    _a_month(telling, 10)
    assert telling.snapshots == 6  # Two accounts, every third step.
    telling.check()


@pytest.mark.usefixtures("short_walks")
def test_a_snapshot_stops_before_a_posting_that_waits_for_its_seal(fresh_database, clock):
    telling = Telling(fresh_database, clock)
    _a_month(telling, 10, sealed=False)
    telling.seal({0, 1, 2, 4, 5, 6, 7, 8, 9})  # The fourth is late.
    with fresh_database.reading() as session:
        own = balance_snapshot.c.community_id == telling.community_id
        assert session.scalars(select(balance_snapshot.c.seq).where(own)).all() == [3, 3]
    telling.check()
    telling.seal(None)
    with fresh_database.reading() as session:
        assert sorted(session.scalars(select(balance_snapshot.c.seq).where(own))) == [3, 3, 10, 10]
    telling.check()


@pytest.mark.usefixtures("short_walks")
def test_a_history_that_was_sealed_all_at_once_is_walked_to_its_end(
    fresh_database, clock, monkeypatch
):
    monkeypatch.setattr(snapshots, "_STEPS_AT_ONCE", 4)
    telling = Telling(fresh_database, clock)
    _a_month(telling, 11, sealed=False)
    telling.seal(None)
    with fresh_database.reading() as session:
        own = balance_snapshot.c.community_id == telling.community_id
        assert set(session.scalars(select(balance_snapshot.c.seq).where(own))) == {11}
    telling.check()


@pytest.mark.usefixtures("short_walks")
def test_no_snapshot_is_written_twice(fresh_database, clock):
    telling = Telling(fresh_database, clock)
    _a_month(telling, 3)
    assert telling.snapshots == 2

    def again(session, now):
        connection = session.connection()
        return snapshots.take_snapshots(connection, telling.community_id, telling.ids, 3)

    assert fresh_database.write(again) == 0


@pytest.mark.usefixtures("short_walks")
def test_the_past_is_read_from_snapshots_and_not_from_the_first_line(fresh_database, clock):
    """The walk is short: a snapshot with a wrong value changes the answer."""
    telling = Telling(fresh_database, clock)
    _a_month(telling, 3)

    def lie(session, now):
        row = {"community_id": telling.community_id, "account_id": telling.ids[1], "log_size": 9}
        row |= dict.fromkeys(("posted_out", "pending_in", "pending_out"), 0)
        session.execute(
            insert(balance_snapshot).values(**row, posted_in=999, seq=3, at_us=to_us(clock.now))
        )

    fresh_database.write(lie)
    with fresh_database.reading() as session:
        assert telling.balance(session, 1, clock.now).posted == 999


@pytest.mark.slow
@pytest.mark.usefixtures("short_walks")
def test_a_snapshot_that_forgets_what_is_set_aside_is_found_out(fresh_database, clock, monkeypatch):
    """The negative control: the answers do come from snapshots that contain holds."""
    take = snapshots._Standing.take

    def forgetful(standing, step, posted_us):
        take(standing, step, posted_us)
        standing.counters = (*standing.counters[:2], 0, 0)

    monkeypatch.setattr(snapshots._Standing, "take", forgetful)

    @hypotheses(database=None, phases=[Phase.generate])
    @given(story=st.lists(deeds, min_size=15, max_size=30))
    def tell(story):
        told(fresh_database, clock, story)

    with pytest.raises(AssertionError):
        tell()
