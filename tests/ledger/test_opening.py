"""An account is opened once, and an id that was drawn twice is drawn again."""

import pytest
from sqlalchemy import func, select

from tests.factories.ledger import make_account
from timebank.ledger import opening
from timebank.ledger.accounts import ensure_accounts
from timebank.ledger.actions import ensure_account
from timebank.ledger.opening import FreshAccount, ensure_commodities, open_accounts
from timebank.ledger.suspense import accounts_for
from timebank.ledger.tables import account, balance, commodity, seal_queue
from timebank.values import MINUTES

OPENINGS = {
    "one": lambda session, pool: ensure_account(session, 1, "person", MINUTES, owner_id=70_007),
    "many": lambda session, pool: ensure_accounts(
        session, 1, "person", MINUTES, owner_ids=[70_007, 70_008]
    ),
    "suspense": lambda session, pool: accounts_for(session, 1, [pool]),
    "commodities": lambda session, pool: ensure_commodities(session, 1, ["pieces:7", "pieces:8"]),
}


def counts(session):
    tables = account, balance, commodity, seal_queue
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


@pytest.mark.parametrize("name", OPENINGS)
def test_an_id_drawn_twice_is_drawn_again(fresh_database, monkeypatch, name):
    """The unit of work starts again, and nothing of the first try is left."""
    pool = fresh_database.write(lambda session, now: make_account(session))
    with fresh_database.reading() as session:
        taken = session.scalar(select(commodity.c.id)) if name == "commodities" else pool
        before = counts(session)
    draw, drawn = opening.new_id, []

    def drawing():
        drawn.append(taken if not drawn else draw())
        return drawn[-1]

    monkeypatch.setattr(opening, "new_id", drawing)
    first = fresh_database.write(lambda session, now: OPENINGS[name](session, pool))
    again = fresh_database.write(lambda session, now: OPENINGS[name](session, pool))
    assert first == again
    with fresh_database.reading() as session:
        grown = [after - had for after, had in zip(counts(session), before, strict=True)]
    assert grown == {
        "one": [1, 1, 0, 1], "many": [2, 2, 0, 2], "suspense": [1, 1, 0, 1],
        "commodities": [0, 0, 2, 0],
    }[name]  # fmt: skip


def test_what_somebody_else_opened_first_is_his(session):
    """Asked for as new, it is found; one that is really new beside it is opened all the same."""
    counted = ensure_commodities(session, 1, [MINUTES])[MINUTES]
    his = ensure_account(session, 1, "person", MINUTES, owner_id=70_007, floor=-5)
    before = counts(session)
    fresh = [FreshAccount("person", counted, owner, floor=0) for owner in (70_008, 70_007)]
    opened = open_accounts(session, 1, fresh)
    assert opened[1] == his
    assert counts(session) == [before[0] + 1, before[1] + 1, before[2], before[3] + 1]
    floors = dict(session.execute(select(balance.c.account_id, balance.c.floor)).all())
    assert (floors[his], floors[opened[0]]) == (-5, 0)
