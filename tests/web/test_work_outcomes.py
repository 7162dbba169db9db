"""A case that is done already says what became of it, to whoever may see it."""

import pytest

from tests.web.test_work_worklist import a_pickup, a_review


def test_decided_twice_shows_what_became_of_it(office):
    claim_id = a_review(office)
    visit = office.enter("coordinator")
    page = visit.get(f"/work?case=review-{claim_id}")
    told = {"reason": "情况属实"}
    assert visit.press(page, "do", "approve", **told).status == 303
    again = visit.press(page, "do", "approve", request_id="another-request", **told)
    assert again.status == 409 and "这一件已经办好了" in again.text and "已预留" in again.text
    later = visit.get(f"/work?case=review-{claim_id}")
    assert later.status == 404 and "已预留" in later.text


def test_handed_over_twice_leads_to_the_slip(office):
    claimed, _by = a_pickup(office)
    visit = office.enter("keeper")
    page = visit.get(f"/work?case=pickup-{claimed.claim_id}")
    told = {"pickup_code": claimed.pickup_code}
    assert visit.press(page, "do", "hand_over", **told).status == 303
    again = visit.press(page, "do", "hand_over", request_id="another-request", **told)
    assert f"/store/slips/{claimed.claim_id}" in again.text and "已领走" in again.text


@pytest.mark.parametrize("who", ["social_worker", "grid_worker"])
def test_what_became_of_a_case_is_not_told_to_others(office, who):
    claim_id = a_review(office)
    visit = office.enter("coordinator")
    page = visit.get(f"/work?case=review-{claim_id}")
    visit.press(page, "do", "approve", reason="情况属实")
    other = office.enter(who).get(f"/work?case=review-{claim_id}")
    assert other.status == 404 and "已预留" not in other.text
