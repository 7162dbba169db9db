"""A claim filed on the phone is picked up at the real kiosk, over a real connection on loopback."""

import re

import pytest

from kiosk.agent import make_kiosk, pair_kiosk, start
from kiosk.app import create_app
from kiosk.config import Config
from tests.browser.conftest import served
from tests.databases import COMMUNITY_ID
from timebank.aid.queries import claim as claim_of
from timebank.kiosks.actions import ask_pairing, confirm_pairing, make_pairing_code
from timebank.values import to_us

pytestmark = pytest.mark.browser


@pytest.fixture
def kiosk(stage, tmp_path):
    """A kiosk of the sample's shop: paired by its one-time code, sending by itself."""
    config = Config(data=tmp_path / "kiosk", server=stage.address, disk_free_min=0)
    made = make_kiosk(config, clock=lambda: to_us(stage.clock()))
    store = {"store_id": stage.sample.shop.store_id}
    asked = stage.act(ask_pairing, "coordinator", **store)
    stage.act(confirm_pairing, "approver", permit_id=asked.permit_id)
    code = stage.act(make_pairing_code, "coordinator", **store)
    pair_kiosk(made, code.code)
    start(made)
    with served(create_app(kiosk=made)) as address:
        yield address
    made.sync.stop()
    made.outbox.close()


def test_what_was_claimed_on_the_phone_is_fetched_at_the_kiosk(walk, stage, kiosk):
    claimant = walk("claimant")
    claimant.follow("nav.bar a[href='/me/take']")
    towel = stage.sample.shop.item("毛巾")
    claimant.page.locator(f".pick-row:has(#pieces-{towel}) [data-step='1']").click()
    claimant.follow(".sticky-actions button")
    code = re.search(r"\d{6}", claimant.text(".code-big"))[0]
    claim_id = int(claimant.page.url.rsplit("/", 1)[1])

    screen = walk(width=1080)
    screen.page.goto(kiosk + "/pickup")
    screen.page.wait_for_selector(".pad")
    for digit in code:
        screen.page.locator(f".key[data-key='{digit}']").click()
    screen.follow(".key.is-done")
    screen.follow(f"a[href='/pickup/{claim_id}']")
    assert "毛巾" in screen.text(".rows")
    screen.follow("form[action='/pickup/confirm'] button")
    assert "领好了" in screen.text()

    with stage.database.reading() as session:
        assert claim_of(session, COMMUNITY_ID, claim_id).state == "issued"
    claimant.go("/me/")
    assert "毛巾" in claimant.text(".ledger")
