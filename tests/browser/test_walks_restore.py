"""A community moves: backed up in one server, restored in an empty one, the same books.

Touches are counted from the first page of the empty server to the last button.
"""

import re

import pytest
from sqlalchemy import text

from tests.browser.conftest import served
from tests.browser.test_walks_set_up import Founder
from tests.browser.walking import Stage, Walker
from tests.conftest import Clock
from tests.factories.restoring import make_machine
from tests.factories.sample import NOW, make_sample
from tests.waiting import HANG_SECONDS
from timebank.founding.set_up import make_code
from timebank.sealer import seal_all
from timebank.sealing.keys import SIGNER
from web.app import create_app

pytestmark = pytest.mark.browser

TOUCHES_MAX = 10
PASS = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}")
_OURS = "INSERT INTO community (id, code, name_zh, name_en) VALUES (1, 'ours', '本社区', 'Ours')"


@pytest.fixture
def running(tmp_path):
    """A server with the sample community, its books sealed."""
    machine = make_machine(tmp_path / "running", Clock(NOW), is_empty=True)
    machine.database.write(lambda session, now: session.execute(text(_OURS)))
    sample = machine.database.write(lambda session, now: make_sample(session))
    seal_all(machine.database, machine.database.info[SIGNER])
    with served(app_of(machine)) as address:
        yield machine, Stage(address, None, machine.database, Clock(NOW), sample)
    machine.database.close()


@pytest.fixture
def empty(tmp_path):
    machine = make_machine(tmp_path / "empty", Clock(NOW), is_empty=True)
    with served(app_of(machine)) as address:
        yield machine, Stage(address, None, machine.database, Clock(NOW), None)
    machine.database.close()


def app_of(machine):
    return create_app({"DATABASE": machine.database, "DATA": machine.folder})


def context_of(browser, stage, lang):
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(HANG_SECONDS * 1000)
    context.add_cookies([{"name": "language", "value": lang, "url": stage.address}])
    return context


def back_up(walker, folder):
    """Make a backup in the pages and take it away; return it and its pass."""
    walker.sign_in("coordinator")
    walker.go("/work/backups")
    walker.look("backups")
    walker.follow(".backup-form button")
    walker.look("the pass of a backup")
    drawn = PASS.search(walker.text())[0]
    walker.follow("main .button-first")
    walker.page.wait_for_selector("td button")
    walker.look("backups, one is made")
    with walker.page.expect_download() as found:
        walker.page.click("td button")
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path, drawn


@pytest.mark.parametrize(
    ("lang", "width"), [("zh", 390), ("en", 1280)], ids=["zh-phone", "en-desk"]
)
def test_a_community_moves_to_another_server(browser, running, empty, lang, width, tmp_path):
    (old, stage), (new, other) = running, empty
    walker = Walker(stage, context_of(browser, stage, lang), lang, width)
    path, drawn = back_up(walker, tmp_path)
    walker.go("/work/health")
    walker.look("health")
    mover = Founder(other, context_of(browser, other, lang), lang, width)
    mover.enter(make_code(new.database))
    mover.press("main .lead a")
    mover.look("restore")
    mover.touches += 2  # Each choice of files.
    mover.page.set_input_files("#bundle", path)
    mover.page.set_input_files("#keys", [old.folder / "key", old.folder / "seal.key"])
    mover.fill("passphrase", drawn.lower())
    mover.press(".restore-form button")
    mover.page.wait_for_selector("main .button-big", timeout=60_000)  # A slow check asks again.
    mover.look("restore, ready")
    mover.press("main .button-big")
    assert mover.page.url.endswith("/sign-in/name")
    mover.look("restored")
    assert new.counts() == old.counts()
    print(f"\n{mover.touches} touches")
    assert mover.touches <= TOUCHES_MAX
    moved = Walker(other, context_of(browser, other, lang), lang, width)
    moved.sign_in("coordinator")  # With the password of before.
    faults = [*walker.faults, *mover.faults, *moved.faults]
    for one in (walker, mover, moved):
        one.context.close()
    assert not faults, "\n".join(faults)
