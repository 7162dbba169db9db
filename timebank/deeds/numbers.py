"""Number series without gaps, for printed papers: one series per store and year."""

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from timebank.db import insert_new
from timebank.deeds.tables import receipt_counter

_counter = receipt_counter.c
_TAKE = (
    update(receipt_counter)
    .where(
        _counter.community_id == bindparam("of_community"),
        _counter.store_id == bindparam("of_store"),
        _counter.year == bindparam("of_year"),
        _counter.series == bindparam("of_series"),
    )
    .values(last_number=_counter.last_number + 1)
    .returning(_counter.last_number)
)


def take_number(
    session: Session, community_id: int, store_id: int, *, year: int, series: str
) -> int:
    """Take the next number of a store in a year.

    The row stays locked until the unit of work ends and rolls back with it, so no number is
    given twice and none is missing. **Shape**: ``series`` is the name that the subject gives it.
    """
    values = {
        "of_community": community_id, "of_store": store_id, "of_year": year, "of_series": series,
    }  # fmt: skip
    taken = session.execute(_TAKE, values).scalar()
    if taken is None:
        key = {"community_id": community_id, "store_id": store_id, "year": year, "series": series}
        # The first number of the year. A second unit of work waits here, then takes the next.
        insert_new(session, receipt_counter, [{**key, "last_number": 0}])
        taken = session.execute(_TAKE, values).scalar_one()
    return int(taken)
