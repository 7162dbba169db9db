"""The deposits of one donor, for their passbook: the newest are found without reading all."""

from datetime import timedelta

from tests.conftest import only_on
from tests.factories.aid import make_resident
from tests.goods.test_intake import receive, rice
from timebank.goods.queries import gifts
from timebank.values import to_us

TOLD = {"of_community": 1, "of_person": 1, "most": 50}


@only_on("sqlite")
def test_the_newest_deposits_of_a_donor_are_read_along_an_index(session):
    """Without the index of donors, the newest deposits of everybody are searched for theirs."""
    query = gifts._NEWEST
    written = query.compile(dialect=session.get_bind().dialect)
    values = tuple({**written.params, **TOLD}[one] for one in written.positiontup)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}", values)
    steps = [row[3] for row in plan]  # Only the donor's own deposits are sorted.
    assert steps[0] == (
        "SEARCH deposit USING INDEX ix_deposit_donor_person_id"
        " (community_id=? AND donor_person_id=?)"
    )
    assert steps[-1] == "USE TEMP B-TREE FOR ORDER BY" and not any("SCAN" in one for one in steps)


def test_gifts_of_one_instant_are_read_to_the_end_newest_first(session, shop, town, now):
    """Two instants with several gifts each: a page may end among gifts of the same instant."""
    person_id = make_resident(session, town).person_id
    given = [
        receive(session, shop, rice(shop), now=at, donor_person_id=person_id).deposit_id
        for at in (now, now, now, now + timedelta(seconds=1), now + timedelta(seconds=1))
    ]
    for most in (1, 2, 3):
        seen: list[int] = []
        before = None
        while page := gifts.gifts_of_person(session, 1, person_id, limit=most, before=before):
            seen += [gift.deposit_id for gift in page]
            before = to_us(page[-1].received_at), page[-1].deposit_id
        assert seen == given[::-1], most
