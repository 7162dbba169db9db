"""Walks through the books: a closed day, the trial balance, a shortfall, a receipt."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.databases import COMMUNITY_ID
from tests.factories.closing import make_till
from tests.factories.kiosks import leave_at_kiosk, make_device
from tests.factories.ledger import make_shortfall
from tests.factories.sealing import seal_in
from timebank.closing.queries import day_of
from timebank.goods.queries import code_of_receipt
from timebank.goods.queries import deposit as deposit_of

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize(
    ("lang", "width"), [("zh", 390), ("en", 1280)], ids=["zh-phone", "en-desk"]
)
RICE, SALT, TILL = "大米", "食盐", "till"


@pytest.fixture
def busy(stage):
    """A till, and goods that kiosks took in yesterday and today."""

    def plant(session, now):
        shop, boss = stage.sample.shop, stage.sample.people["coordinator"]
        make_till(session, shop, 12_350, now=now)
        device, _key = make_device(session, shop, boss, now=now)
        for ago in (timedelta(days=1), timedelta(0)):
            leave_at_kiosk(session, shop, device, 3, now=now - ago)

    stage.database.write(plant)
    return stage


def state(stage):
    with stage.database.reading() as session:
        return day_of(session, COMMUNITY_ID, stage.sample.shop.store_id).state


@BOTH
def test_a_keeper_counts_and_the_coordinator_signs(walk, busy, lang, width):
    keeper = walk("keeper", lang=lang, width=width)
    keeper.go("/store/day")
    keeper.look("day not begun")
    keeper.follow("button[name=open]")
    keeper.look("day to count")
    _count_wrongly(keeper, busy)
    keeper.follow("button[name=count]")
    keeper.look("day waits for another")
    assert keeper.page.locator("button[name=sign]").count() == 0
    second = walk("coordinator", lang=lang, width=width)
    second.go("/store/day")
    second.look("day to sign")
    _let_go(keeper)
    second.go("/store/day")
    second.follow("button[name=sign]")
    second.look("day closed")
    assert state(busy) == "closed"
    second.go("/store/day/1")
    second.look("sheet of a day")
    second.page.emulate_media(media="print")
    assert second.page.locator(".sheet-signs").is_visible()
    assert second.page.locator(".desk-places").is_hidden()


def _count_wrongly(keeper, stage) -> None:
    """Count less than is reserved, and see every fault that a page of counting has."""
    fields = {name: f"#n-{stage.sample.shop.item(name)}" for name in (RICE, SALT)}
    keeper.page.fill(fields[RICE], "abc")
    keeper.follow("button[name=check]")
    keeper.look("day with a number nobody can read")
    for selector, told in ((fields[RICE], "0"), (fields[SALT], "9"), (f"#n-{TILL}", "123.40")):
        keeper.page.fill(selector, told)
    keeper.follow("button[name=show]")
    keeper.look("day with what the books say")
    keeper.follow("button[name=check]")
    keeper.look("count beside the books")
    keeper.follow("button[name=count]")
    keeper.look("count without reasons")
    for choice in keeper.page.locator("select[name^=why]").all():
        choice.select_option("miscounted")


def _let_go(keeper) -> None:
    keeper.go("/store/day")
    while keeper.page.locator("button[name=release]").count():
        keeper.follow("button[name=release]")
    keeper.look("day without promises")


@BOTH
def test_the_trial_balance_is_read_now_and_as_of_a_day(walk, busy, lang, width):
    coordinator = walk("coordinator", lang=lang, width=width)
    for name, on in (("now", ""), ("as of a day", busy.day(-9)), ("before all", "2020-01-01")):
        coordinator.go(f"/work/books?on={on}")
        coordinator.look(f"trial balance {name}")


@BOTH
def test_a_shortfall_is_settled_or_written_off(walk, stage, lang, width):
    for name in ("volunteer", "claimant"):
        person_id = stage.sample.people[name].person_id
        stage.database.write(lambda session, now, one=person_id: make_shortfall(session, one))
    coordinator = walk("coordinator", lang=lang, width=width)
    for name, button in (("refused", "settle"), ("without a word", "write_off")):
        _open_shortfall(coordinator)
        coordinator.look("shortfall")
        coordinator.follow(f"button[value={button}]")
        coordinator.look(f"shortfall {name}")
    coordinator.page.fill("#note", "那天终端没有网")
    coordinator.follow("button[value=write_off]")
    coordinator.look("shortfall written off")


def _open_shortfall(coordinator) -> None:
    coordinator.go("/work?kind=shortfall")
    found = re.search(r'href="([^"]*shortfall-\d+[^"]*)"', coordinator.page.content())
    coordinator.go(found[1].replace("&amp;", "&"))


@BOTH
def test_anybody_checks_a_receipt_and_whether_it_is_sealed(walk, stage, lang, width):
    with stage.database.reading() as session:
        receipt = deposit_of(session, COMMUNITY_ID, stage.sample.cases["received"])
        code = quote(code_of_receipt(session, COMMUNITY_ID, receipt))
    reader = walk(lang=lang, width=width)
    reader.go(f"/receipt?no={receipt.receipt_no}")
    reader.look("receipt by its number")
    assert receipt.receipt_no in reader.text(".slip")
    assert reader.page.locator("a[href^='/receipt/proof']").count() == 0
    reader.go(f"/receipt?no={code}")
    reader.look("receipt not sealed yet")
    seal_in(stage.database)
    reader.go(f"/receipt?no={code}")
    reader.look("receipt sealed")
    assert reader.page.locator("a[href^='/receipt/proof']").count() == 1
