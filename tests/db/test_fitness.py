"""A database with broken foreign keys is not fit for service."""

from tests.checking.planting import Intruder
from tests.factories.goods import make_shop, make_stock
from timebank.fitness import dangling


def found(database):
    with database.engine.connect() as connection:
        return list(dangling(connection))


def test_rows_that_name_a_transaction_that_is_gone_are_named(fresh_database):
    fresh_database.write(lambda session, now: make_stock(session, make_shop(session), "冬衣", 4))
    assert found(fresh_database) == []
    with Intruder.enters(fresh_database.engine, stays=True) as intruder:
        intruder.run("DELETE FROM posting")
        intruder.run("DELETE FROM txn")
    assert found(fresh_database) == ["1 rows of deposit refer to a missing txn (txn_id)"]
