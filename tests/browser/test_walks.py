"""Walks of donor, claimant and volunteer through their own pages, in both languages.

The keeper's walk is in ``test_walks_keeper.py``. Texts are checked in Chinese; English walks the
same way.
"""

import re

import pytest

from tests.databases import COMMUNITY_ID
from timebank.aid.actions import issue_at_counter
from timebank.aid.rules import ClaimLine
from timebank.goods.actions import receive_deposit
from timebank.goods.rules import JudgedLine
from timebank.hours.actions import confirm_records
from timebank.hours.queries import passbook, records_of_person

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize(
    ("lang", "width"), [("zh", 390), ("en", 1280)], ids=["zh-phone", "en-desk"]
)


def code_on(walker) -> str:
    """The large number on the page, to be read out at the counter."""
    return re.search(r"\d{6}", walker.text(".code-big"))[0]


def id_in(walker) -> int:
    return int(walker.page.url.rsplit("/", 1)[1])


@BOTH
def test_a_donor_announces_three_things_and_sees_where_they_went(walk, stage, lang, width):
    donor = walk(lang=lang, width=width)
    donor.go("/")
    donor.look("home")
    donor.follow(".top a[href^='/sign-in']")
    donor.look("sign-in")
    donor.follow("a[href^='/sign-in/name']")
    donor.look("sign-in by name")
    donor.sign_in("donor")
    donor.look("passbook of a donor")
    donor.follow("nav.bar a[href='/me/deposit']")
    donor.look("deposits")
    donor.follow("a[href='/me/deposit/announce']")
    deposit_id = _announce_three(donor, stage.sample.shop)
    donor.look("announced")
    code = code_on(donor)
    _receive(stage, deposit_id)
    donor.go("/me/deposit")
    donor.follow(f"a[href='/me/deposit/{deposit_id}']")
    donor.look("received")
    told = donor.text()
    assert code not in told
    receipt_no = re.search(r"S1-2025-\d{6}", told)[0]
    if lang == "zh":
        assert "送到邻居手里 2 袋，在货架上 3 袋" in told
        assert "等待消毒 2 件" in told
        assert "退回 1 件：只收全新的" in told
    donor.go(f"/receipt?no={receipt_no}")
    donor.look("receipt")
    assert receipt_no in donor.text(".slip")
    assert stage.sample.people["donor"].person_id and "黄丙三" not in donor.text()


def _announce_three(donor, shop) -> int:
    """Fill in three lines, the last one of something that is not in the list."""
    page = donor.page
    page.select_option("[name=lines-0-item_id]", str(shop.item("大米")))
    page.fill("[name=lines-0-pieces]", "5")
    page.fill("[name=lines-0-best_before_on]", "2025-07-15")
    donor.follow("[name=more]")
    page.select_option("[name=lines-1-item_id]", str(shop.item("童装")))
    page.select_option("[name=lines-1-condition]", "nine_tenths")
    page.locator("#line-2 [data-step='1']").click()  # From one, with which it begins, to two.
    assert page.input_value("[name=lines-0-pieces]") == "5"
    donor.follow("[name=more]")
    page.fill("[name=lines-2-described]", "婴儿推车")
    page.fill("[name=lines-2-pieces]", "")
    donor.look("announce")
    donor.follow("main form button:not([name])[class*=big]")
    donor.look("announce with a fault")  # The pieces of the third line are missing.
    assert page.locator("#lines-2-pieces-error").is_visible()
    page.fill("[name=lines-2-pieces]", "1")
    page.select_option("[name=lines-0-looked]", "met")
    page.select_option("[name=lines-1-looked]", "met")
    donor.follow("main form button:not([name])[class*=big]")
    return id_in(donor)


def _receive(stage, deposit_id: int) -> None:
    """The keeper receives two of three lines without a page, and a neighbour picks up some rice."""
    shop, claimant = stage.sample.shop, stage.sample.people["claimant"]
    lines = (
        JudgedLine(shop.item("大米"), 5, 5, best_before_on=stage.day(35), announced_line=0),
        JudgedLine(shop.item("童装"), 2, 2, condition="nine_tenths", announced_line=1),
        JudgedLine(
            None, 1, 0, described="婴儿推车", refuse_code="OTHER", refuse_note="只收全新的",
            announced_line=2,
        ),
    )  # fmt: skip
    receipt = stage.act(
        receive_deposit, "keeper", deposit_id=deposit_id, store_id=shop.store_id, lines=lines
    )
    assert receipt.accepted == 7
    # The rice of this deposit expires first, so the next household gets it.
    stage.act(
        issue_at_counter, "keeper", household_id=claimant.household_id,
        person_id=claimant.person_id, store_id=shop.store_id,
        lines=(ClaimLine(shop.item("大米"), 2),),
    )  # fmt: skip


@BOTH
def test_a_claimant_takes_what_the_rules_allow_and_gives_back_the_rest(walk, stage, lang, width):
    claimant = walk("claimant", lang=lang, width=width)
    claimant.look("passbook of a claimant")
    ready = stage.sample.cases["ready"]
    claimant.follow(f".tile[href='/me/claims/{ready}']")
    claimant.look("ready claim")
    assert code_on(claimant)
    claimant.follow("button[value=cancel]")
    claimant.look("cancelled claim")
    claimant.follow("nav.bar a[href='/me/take']")
    claimant.look("take")
    soap, soy = stage.sample.shop.item("肥皂"), stage.sample.shop.item("酱油")
    claimant.page.locator(f".pick-row:has(#pieces-{soap}) [data-step='1']").click()
    claimant.page.fill(f"#pieces-{soy}", "5")  # Only two are on the shelf.
    claimant.follow(".sticky-actions button")
    claimant.look("asked before less is given")
    claimant.follow("button[name=agree]")
    claimant.look("claim cut to the stock")
    assert claimant.page.locator(".plain-row .soft").count() == 1
    code = code_on(claimant)
    claimant.go("/me/claims")
    claimant.look("claims")
    assert code in claimant.text()
    claimant.follow("a[href='/me/take']")
    assert claimant.page.locator(f"#pieces-{soy}").count() == 0
    claimant.page.locator("details.fold summary").click()
    assert ("酱油" if lang == "zh" else "Soy sauce") in claimant.text("details.fold")


@BOTH
def test_a_household_without_papers_is_told_what_to_bring_and_may_ask(walk, stage, lang, width):
    neighbour = walk("nopapers", lang=lang, width=width)
    neighbour.follow("nav.bar a[href='/me/take']")
    neighbour.look("take without papers")
    assert ("低保证" if lang == "zh" else "subsistence") in neighbour.text(".paper-list").lower()
    rice = stage.sample.shop.item("大米")
    neighbour.page.locator(f".pick-row:has(#pieces-{rice}) [data-step='1']").click()
    neighbour.follow(".sticky-actions button")
    neighbour.look("claim that a person looks at")
    assert neighbour.page.locator(".result-review").is_visible()
    assert neighbour.page.locator(".code-big").count() == 0
    if lang == "zh":
        assert "三个工作日内答复您" in neighbour.text()


@BOTH
def test_a_volunteer_serves_by_phone_and_finds_the_minutes(walk, stage, lang, width):
    volunteer = walk("volunteer", lang=lang, width=width)
    volunteer.look("passbook of a volunteer")
    volunteer.follow("nav.bar a[href='/me/services']")
    volunteer.look("services of a volunteer")
    volunteer.page.select_option("[name=service_id]", str(stage.sample.services["meals"]))
    volunteer.page.fill("[name=household_no]", "H-9999")
    volunteer.follow("button[value=begin]")
    volunteer.look("no such household")
    volunteer.page.fill("[name=household_no]", stage.sample.household_nos["claimant"])
    volunteer.follow("button[value=begin]")
    volunteer.look("service that runs")
    stage.clock.move(minutes=105)  # The visit has ended by itself meanwhile.
    volunteer.go("/me/services")
    volunteer.look("sign-in after a silence")
    volunteer.sign_in("volunteer")
    volunteer.follow("nav.bar a[href='/me/services']")
    volunteer.follow("button[value=end]")
    record_id = _newest_record(stage)
    _confirm_as_neighbour(walk, record_id, lang=lang, width=width)
    stage.act(confirm_records, "social", record_ids=(record_id,), as_="organiser")
    volunteer.follow("nav.bar a[href='/me/']")
    volunteer.look("passbook after service")
    line = volunteer.text(".ledger-line")
    assert "+1:30" in line
    if lang == "zh":
        assert "实际 1 小时 45 分，记入 1 小时 30 分" in line
    book = _book(stage)
    assert book.real_minutes % 30 == 5 or book.real_minutes > book.cumulative_minutes


def _newest_record(stage) -> int:
    person_id = stage.sample.people["volunteer"].person_id
    with stage.database.reading() as session:
        return records_of_person(session, COMMUNITY_ID, person_id, limit=1)[0].id


def _book(stage):
    with stage.database.reading() as session:
        return passbook(session, COMMUNITY_ID, stage.sample.people["volunteer"].person_id)


def _confirm_as_neighbour(walk, record_id: int, *, lang: str, width: int) -> None:
    """The recipient confirms it on their own phone."""
    helped = walk("claimant", lang=lang, width=width)
    helped.follow(".tile[href='/me/services']")
    helped.look("services to confirm")
    helped.follow(f"form:has(input[value='{record_id}']) button[value=confirm]")
    helped.look("services confirmed")
    assert helped.page.locator(f"input[value='{record_id}']").count() == 0
    assert helped.page.locator(".flashes").is_visible()
