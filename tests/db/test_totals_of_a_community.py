"""The kept totals equal the sums of their rows whatever people and jobs do."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from tests.counts import repeats, seeded
from tests.factories.aid import make_claim, make_claimant, take_at_counter, took_before
from tests.factories.goods import make_shop, make_stock
from tests.factories.hours import confirm_both, enter, make_cast, told
from tests.factories.ledger import make_request, post_now
from tests.factories.people import a_request_id
from timebank.aid import actions as aid
from timebank.aid.queries import ready_claims
from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.fitness import kept_totals, wrong_totals
from timebank.goods import actions as goods
from timebank.goods.queries import accepted_by_month, lots_awaiting_cleaning
from timebank.hours import actions as hours
from timebank.ledger.tables import txn
from timebank.values import local_instant

NAMES = ("大米", "饼干", "冬衣", "肥皂")


class Community:
    """What may happen in a community, drawn by chance; a refusal is fine."""

    def __init__(self, session, by_job, draw):
        self.session, self.by_job, self.draw = session, by_job, draw
        self.now = local_instant(date(2025, 6, 10), 9)
        self.cast = make_cast(session)
        self.shop = make_shop(session, self.cast.town)
        self.claimants = [make_claimant(session, self.cast.town) for _ in range(3)]

    def deed(self, by):
        return Deed(self.session, by, self.now, a_request_id())

    def receive(self):
        days = self.draw.choice((None, 31, 35, 35, 60))
        last_on = None if days is None else self.now.date() + timedelta(days=days)
        make_stock(
            self.session, self.shop, self.draw.choice(NAMES), self.draw.randint(1, 4),
            best_before_on=last_on, now=self.now, cleaned=self.draw.random() < 0.5,
        )  # fmt: skip

    def sign_cleaning(self):
        for one in lots_awaiting_cleaning(self.session, 1, now=self.now)[:2]:
            goods.sign_cleaning(self.deed(self.shop.keeper), lot_id=one.id)

    def asked(self):
        return {name: self.draw.randint(1, 3) for name in self.draw.sample(NAMES, 2)}

    def claim(self):
        by = self.draw.choice(self.claimants)
        make_claim(self.session, self.shop, by, now=self.now, **self.asked())

    def take(self):
        by = self.draw.choice(self.claimants)
        take_at_counter(self.session, self.shop, by, now=self.now, **self.asked())

    def end_a_claim(self):
        keeper = self.shop.keeper
        for one in ready_claims(self.session, 1)[:1]:
            if self.draw.random() < 0.6:
                aid.issue_goods(self.deed(keeper), claim_id=one.id, pickup_code=one.pickup_code)
            else:
                aid.cancel_claim(self.deed(keeper), claim_id=one.id)

    def carry_over(self):
        by, day = self.draw.choice(self.claimants), self.now.date() - timedelta(days=9)
        took_before(self.session, self.cast.town, by, now=self.now, taken={day: 1})

    def wait(self):
        self.now += timedelta(hours=self.draw.choice((1, 30, 80, 300)))
        aid.lapse_claims(self.deed(self.by_job))
        aid.sweep_expired(self.deed(self.by_job))

    def begin(self):
        """Make sure that no total is empty."""
        make_stock(self.session, self.shop, "肥皂", 9, now=self.now)
        take_at_counter(self.session, self.shop, self.claimants[0], now=self.now, 肥皂=1)
        self.serve(reversed_at_once=False)

    def serve(self, reversed_at_once=None):
        if reversed_at_once is None:
            reversed_at_once = self.draw.random() < 0.4
        on = self.now.date() - timedelta(days=self.draw.randint(1, 3))
        session = told(self.cast, on=on, late_reason="forgotten")
        records = enter(self.session, self.cast, session, now=self.now)
        confirm_both(self.session, self.cast, *records, now=self.now)
        if reversed_at_once:
            hours.reverse_credit(
                self.deed(self.cast.coordinator), record_id=records[0], reason="entered twice"
            )

    def reverse(self):
        """Take back a transaction of goods in the books alone."""
        kinds = select(txn.c.id).where(txn.c.community_id == 1, txn.c.status == 1)
        known = self.session.scalars(kinds.order_by(txn.c.id.desc()).limit(6)).all()
        if known:
            post_now(self.session, make_request(reverses_id=self.draw.choice(known)))

    def go_on(self):
        happens = self.draw.choice(
            (self.receive, self.receive, self.sign_cleaning, self.claim, self.claim, self.take,
             self.end_a_claim, self.carry_over, self.wait, self.serve, self.reverse)
        )  # fmt: skip
        point = self.session.begin_nested()
        try:
            happens()
        except TimebankError:
            point.rollback()
        else:
            point.commit()
        return happens.__name__


def live(session, by_job, *, steps):
    """Let a community live; yield after each step what happened and what is wrong."""
    with seeded() as draw:
        community = Community(session, by_job, draw)
        community.begin()
        for _ in range(steps):
            happened = community.go_on()
            yield happened, list(wrong_totals(session.connection()))


@pytest.mark.slow
def test_whatever_happens_the_totals_are_the_sums(session, by_job):
    most = Counter()
    for happened, wrong in live(session, by_job, steps=repeats(60, 1000)):
        assert wrong == [], happened
        for total in kept_totals():
            rows = session.scalar(select(func.count()).select_from(total))
            most[total.name] = max(most[total.name], rows)
    assert len(most) == 4 and all(most.values())


TRIGGERS = {
    "accepted_total_deposit_insert": "deposit",
    "issued_total_withdrawal_insert": "withdrawal",
    "served_total_service_record_update": "service_record",
    "stock_total_balance_update": "balance",
    "stock_total_lot_update": "lot",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIGGERS)
def test_without_a_trigger_a_total_goes_wrong(session, by_job, engine_name, name):
    where = "" if engine_name == "sqlite" else f" ON {TRIGGERS[name]}"
    session.execute(text(f"DROP TRIGGER {name}{where}"))
    assert any(wrong for _, wrong in live(session, by_job, steps=400))


def test_the_months_are_those_of_the_local_day(session, shop):
    """A gift of one past midnight in Beijing is of the new month, though not yet in UTC."""
    for day, hour, minute in ((date(2025, 5, 31), 23, 59), (date(2025, 6, 1), 0, 1)):
        make_stock(session, shop, "肥皂", 5, now=local_instant(day, hour, minute))
    make_stock(session, shop, "肥皂", 2, now=local_instant(date(2025, 6, 30), 23, 59))
    months = accepted_by_month(session, 1, date(2025, 6, 12))
    assert months[-2:] == [(date(2025, 5, 1), 5), (date(2025, 6, 1), 7)]
