"""The deposits of one donor, for their passbook: the newest are found without reading all."""

from tests.conftest import only_on
from timebank.goods.queries import gifts

TOLD = {"of_community": 1, "of_person": 1, "most": 50}


@only_on("sqlite")
def test_the_newest_deposits_of_a_donor_are_read_along_an_index(session):
    """Without the index of donors, the newest deposits of everybody are searched for theirs."""
    query = gifts._NEWEST
    written = query.compile(dialect=session.get_bind().dialect)
    values = tuple({**written.params, **TOLD}[one] for one in written.positiontup)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}", values)
    step, sort = [row[3] for row in plan]  # Only the donor's own deposits are sorted.
    assert sort == "USE TEMP B-TREE FOR ORDER BY" and step == (
        "SEARCH deposit USING INDEX ix_deposit_donor_person_id"
        " (community_id=? AND donor_person_id=?)"
    )
