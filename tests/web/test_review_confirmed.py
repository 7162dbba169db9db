"""Whoever approves a claim in review is shown first if less can be given than was asked."""

from datetime import date

import pytest

from tests.factories.goods import make_stock
from tests.web.test_work_worklist import a_review, state_of
from timebank.aid.queries import claim as claim_of


def test_less_than_was_asked_is_shown_before_it_is_approved(office):
    claim_id = a_review(office, asked_pieces=7)
    visit = office.enter("approver")
    asked = visit.press(visit.get("/work"), "do", "approve", reason="家里失火，先发")
    assert asked.status == 409 and "想要 7 件，现在可以给 5 件。" in asked.text
    assert state_of(office, claim_of, claim_id) == "review"
    office.do(lambda session: make_stock(
        session, office.shop, "大米", 1, now=office.database.clock(),
        best_before_on=date(2025, 12, 30),
    ))  # fmt: skip
    changed = visit.press(asked, "do", "approve")
    assert changed.status == 409 and "现在可以给 6 件。" in changed.text
    assert changed.value("reason") == "家里失火，先发"
    assert visit.press(changed, "do", "approve").status == 303
    with office.database.reading() as session:
        found = claim_of(session, office.town.community_id, claim_id)
    assert (found.state, found.held) == ("ready", 6)


@pytest.mark.parametrize("agreed", ["x", "1-2 3", "9-9", "-", "²-5"])
def test_what_agrees_to_nothing_is_asked_again(office, agreed):
    claim_id = a_review(office, asked_pieces=7)
    visit = office.enter("approver")
    answer = visit.press(visit.get("/work"), "do", "approve", reason="急用", agreed=agreed)
    assert answer.status == 409 and state_of(office, claim_of, claim_id) == "review"


@pytest.mark.parametrize("agreed", ["x", "9" * 5_000, "1-2 3", "0-0"])
def test_what_cannot_be_read_stands_for_all_that_was_asked_never(office, agreed):
    """Also where all of it could be given."""
    claim_id = a_review(office, asked_pieces=1)
    visit = office.enter("approver")
    answer = visit.press(visit.get("/work"), "do", "approve", reason="急用", agreed=agreed)
    assert answer.status == 409 and state_of(office, claim_of, claim_id) == "review"
    again = visit.press(answer, "do", "approve")
    assert again.status == 303


def test_a_refusal_asks_for_no_agreement(office):
    claim_id = a_review(office, asked_pieces=7)
    visit = office.enter("approver")
    assert visit.press(visit.get("/work"), "do", "refuse", reason="不是这一户").status == 303
    assert state_of(office, claim_of, claim_id) == "refused"
