"""Pages that no walk opens: empty, refused, ended, without a household, public ones.

Each is checked like those of the walks. Controls of residents' pages are large enough for shaking
hands.
"""

import pytest

from tests.browser.looking import small_targets
from tests.browser.walking import PHONE, change
from timebank.aid.actions import ask_for_person, claim_goods, decide_review
from timebank.aid.rules import ClaimLine
from timebank.hours.actions import propose_end
from timebank.hours.queries import records_of_person

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
OPEN = {
    "shelf sorted": "/shelf?sort=item",
    "shelf searched in vain": "/shelf?q=no-such-thing",
    "services": "/services",
    "receipt asked": "/receipt",
    "receipt that is not there": "/receipt?no=S1-2025-999999",
    "help": "/help",
    "sign-in by card": "/sign-in/card",
    "page that is not there": "/nowhere",
}
OF_A_NEWCOMER = {
    "empty passbook": "/me/",
    "empty filter": "/me/?direction=out",
    "no deposits": "/me/deposit",
    "no claims": "/me/claims",
    "no volunteer": "/me/services",
    "card": "/me/card",
    "card lost": "/me/card/lost",
    "nobody opened": "/me/openings",
    "card wishes": "/me/card/wishes",
}
OF_A_CLAIMANT = {
    "claim issued": "/me/claims/{issued}",
    "claim lapsed": "/me/claims/{lapsed}",
    "claim of another": "/me/claims/1",
}

OF_THE_REFUSED = {"claim refused": "/me/claims/{refused}", "claim ruled": "/me/claims/{ruled}"}


def look_at(walker, pages) -> None:
    for name, path in pages.items():
        walker.go(path.format(**walker.stage.sample.cases))
        walker.look(name)


@BOTH
def test_axe_finds_nothing_on_open_pages(walk, lang):
    look_at(walk(lang=lang), OPEN)


@BOTH
def test_axe_finds_nothing_where_nothing_has_happened_yet(walk, lang):
    look_at(walk("newcomer", lang=lang), OF_A_NEWCOMER)
    look_at(walk("social", lang=lang), {"no household": "/me/take"})


@BOTH
def test_axe_finds_nothing_on_claims_that_ended(walk, stage, lang):
    _refused(stage)
    claimant = walk("claimant", lang=lang)
    look_at(claimant, OF_A_CLAIMANT)
    nopapers = walk("nopapers", lang=lang)
    look_at(
        nopapers, {"claim refused": "/me/claims/{refused}", "claim ruled": "/me/claims/{ruled}"}
    )


def _refused(stage) -> None:
    """Let a household without papers be refused, once by the rules and once by a person."""
    person, store_id = stage.sample.people["nopapers"], stage.sample.shop.store_id
    for case in ("refused", "ruled"):
        receipt = stage.act(
            claim_goods, "nopapers", household_id=person.household_id,
            person_id=person.person_id, store_id=store_id,
            lines=(ClaimLine(stage.sample.shop.item("大米"), 1),),
        )  # fmt: skip
        stage.sample.cases[case] = receipt.claim_id
    stage.act(ask_for_person, "nopapers", claim_id=receipt.claim_id)
    told = {"claim_id": receipt.claim_id, "approve": False, "reason": "请先登记证件"}
    stage.act(decide_review, "approver", **told)


@BOTH
def test_axe_finds_nothing_where_a_check_out_was_forgotten(walk, stage, lang):
    volunteer = walk("volunteer", lang=lang)
    volunteer.go("/me/services")
    volunteer.page.check("[name=is_group]")
    volunteer.follow("button[value=begin]")
    stage.clock.move(hours=20)
    volunteer.sign_in("volunteer")
    volunteer.go("/me/services")
    volunteer.follow("button[value=end]")
    volunteer.look("forgotten check-out")
    _propose(stage)
    volunteer.go("/me/services")
    volunteer.look("proposed end")
    volunteer.follow("button[value=agree]")
    assert volunteer.page.locator("button[value=agree]").count() == 0


def _propose(stage) -> None:
    with stage.database.reading() as session:
        shift = records_of_person(session, 1, stage.sample.people["volunteer"].person_id, limit=1)
    ended_at = shift[0].started_at.replace(hour=shift[0].started_at.hour + 1)
    told = {"record_id": shift[0].id, "ended_at": ended_at, "note": "打电话问过"}
    stage.act(propose_end, "social", **told)


@pytest.mark.parametrize("name", ["claimant", "volunteer", "donor"])
def test_controls_are_large_enough_for_hands_that_shake(walk, name):
    walker = walk(name, lang="en")
    small = []
    for path in ("/me/", "/me/take", "/me/claims", "/me/services", "/me/deposit/announce"):
        walker.go(path)
        change(walker.page, PHONE, "normal")
        walker.page.evaluate("document.querySelectorAll('.ledger a').forEach(a => a.remove())")
        small += [f"{path}: {one}" for one in small_targets(walker.page, 60)]
    assert not small, "\n".join(small)
