"""The keeper's walk: sign in, receive goods by a donor's code, hand over by a claimant's code."""

import re

import pytest

from tests.databases import COMMUNITY_ID
from timebank.aid.queries import claim as claim_of
from timebank.goods.queries import deposit as deposit_of

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize(
    ("lang", "width"), [("zh", 1280), ("en", 834)], ids=["zh-desk", "en-tablet"]
)


def kept(stage, query, case: str):
    """Read a case of the sample in its current state."""
    with stage.database.reading() as session:
        return query(session, COMMUNITY_ID, stage.sample.cases[case])


@BOTH
def test_a_keeper_takes_in_by_code_and_gives_a_receipt(walk, stage, lang, width):
    code = kept(stage, deposit_of, "announced").code
    keeper = walk("keeper", lang=lang, width=width)
    keeper.look("worklist of a keeper")
    keeper.go("/store")
    keeper.look("shop")
    assert code in keeper.text()
    keeper.follow(".tile[href^='/store/intake']")
    keeper.look("empty intake")
    keeper.page.fill("[name=scan]", code)
    keeper.follow("button[name=add]")
    assert keeper.page.locator(".intake-line").count() == 2
    _refuse_the_bicycle(keeper)
    for question in keeper.page.locator("select[name$=-looked]:visible").all():
        question.select_option("met")
    keeper.look("intake")
    keeper.follow("button[name=check]")
    keeper.look("intake to check")
    keeper.follow("button[name=receive]")
    keeper.look("receipt for the donor")
    taken = kept(stage, deposit_of, "announced")
    assert taken.state == "received"
    assert (taken.accepted, taken.refused) == (2, 1)
    slip = keeper.text(".slip")
    assert taken.receipt_no in slip
    assert re.fullmatch(r"S1-2025-\d{6}", taken.receipt_no)


def _refuse_the_bicycle(keeper) -> None:
    """Accept nothing of the line that is not in the catalogue: the last one, so it is on top."""
    line = keeper.page.locator(".intake-line").first
    line.locator("summary").click()
    line.locator("[name$=accepted]").fill("0")
    line.locator("[name$=refuse_code]").select_option("OTHER")
    line.locator("[name$=refuse_note]").fill("刹车坏了")


@BOTH
def test_a_keeper_hands_over_only_what_is_ticked_off(walk, stage, lang, width):
    claim = kept(stage, claim_of, "ready")
    keeper = walk("keeper", lang=lang, width=width)
    keeper.go("/store/issue")
    keeper.look("issue")
    keeper.page.fill("[name=scan]", "000000" if claim.pickup_code != "000000" else "111111")
    keeper.follow("form.question button")
    keeper.look("code that opens nothing")
    keeper.page.fill("[name=scan]", claim.pickup_code)
    keeper.follow("form.question button")
    keeper.look("claim at the counter")
    keeper.follow("button[name=give]")
    assert kept(stage, claim_of, "ready").state == "ready"  # Nothing was ticked off.
    for tick in keeper.page.locator("[name=tick]").all():
        tick.check()
    keeper.follow("button[name=give]")
    keeper.look("slip for the claimant")
    assert kept(stage, claim_of, "ready").state == "issued"
    assert claim.claim_no in keeper.text(".slip")
    assert "林乙二" not in keeper.text()  # The counter shows no whole names.
    keeper.go("/store/shelf")
    keeper.look("shelf of the keeper")
