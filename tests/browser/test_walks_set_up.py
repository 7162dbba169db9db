"""The head of a street office founds a community through the pages, in both languages.

Fields and touches are counted; the server is killed between two steps.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.browser.conftest import served
from tests.browser.walking import Stage, Walker
from tests.conftest import Clock
from tests.factories.empty import TODAY, empty_database
from tests.factories.people import PASSWORD
from tests.founding.test_set_up import count
from tests.waiting import HANG_SECONDS
from timebank.founding.set_up import make_code
from timebank.values import local_instant
from web.app import create_app

pytestmark = pytest.mark.browser

FIELDS_MAX, TOUCHES_MAX = 40, 60
# What has no default. Everything else is left as it stands.
TYPED = {
    "community": {
        "name_zh": "柳园社区", "street": "车站街道", "division_code": "440106",
        "contact_name": "陈甲一", "contact_phone": "10020000010",
    },
    "places": {},
    "rules": {},
    "shop": {"address": "3栋一楼"},
    "people": {"second_name": "林乙二"},
    "last": {},
}  # fmt: skip
# Every box to fill in or to tick, and radio buttons as the one choice that they are.
FIELDS = """() => new Set([...document.querySelectorAll('main input, main textarea, main select')]
  .filter(one => one.type !== 'hidden')
  .map(one => one.type === 'radio' ? one.name : one)).size"""


@pytest.fixture
def stage(tmp_path):
    with empty_database(tmp_path) as database:
        app = create_app({"DATABASE": database, "DATA": tmp_path})
        with served(app) as address:
            clock = Clock(local_instant(TODAY, 9))
            yield Stage(address, app, database, clock, sample=None)


class Founder(Walker):
    """A walker who counts what they touch."""

    touches = 0
    fields = 0

    def fill(self, name, text):
        """Touch a field and type into it."""
        self.touches += 1
        self.page.fill(f"#{name}", text)

    def press(self, selector="main form .button-big"):
        self.touches += 1
        self.follow(selector)

    def enter(self, code):
        self.go("/")
        self.fill("code", code)
        self.press()

    def step(self, name):
        """Look at a step, fill in what has no default, and go on."""
        assert self.page.url.endswith(f"/set-up/{name}"), self.page.url
        self.look(f"set-up {name}")
        shown = (
            "() => document.querySelectorAll('main details').forEach(one => { one.open = true })"
        )
        self.page.evaluate(shown)
        self.look(f"set-up {name}, opened")
        self.fields += self.page.evaluate(FIELDS) if name != "shop" else self._fields_of_shop()
        for field, text in TYPED[name].items():
            self.fill(field, text)
        self.press()

    def _fields_of_shop(self):
        """The ticked lists and the weekdays are one field each: a reader need not touch any."""
        groups = self.page.locator("main form fieldset").count()
        boxes = self.page.locator("main form fieldset input").count()
        return self.page.evaluate(FIELDS) - boxes + groups


@pytest.mark.parametrize(
    ("lang", "width"), [("zh", 390), ("en", 1280)], ids=["zh-phone", "en-desk"]
)
def test_a_community_is_founded_with_few_fields_and_touches(browser, stage, lang, width):
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(HANG_SECONDS * 1000)
    context.add_cookies([{"name": "language", "value": lang, "url": stage.address}])
    founder = Founder(stage, context, lang, width)
    founder.go("/shelf")
    founder.look("set-up start")
    founder.fields += founder.page.evaluate(FIELDS)
    founder.enter(make_code(stage.database))
    for name in TYPED:
        founder.step(name)
    assert founder.page.url.endswith("/set-up/done")
    founder.look("set-up done")
    assert "林乙二" in founder.text()
    code = re.search("[0-9A-Z]{5}-[0-9A-Z]{5}", founder.text())[0]
    founder.page.go_back()  # The last page again: it leads on, and founds nothing more.
    assert founder.page.url.endswith("/set-up/done") or count(stage.database) == 1
    assert count(stage.database) == 1
    _choose_own(founder, code)
    print(f"\n{founder.fields} fields, {founder.touches} touches")
    assert founder.fields <= FIELDS_MAX and founder.touches <= TOUCHES_MAX
    context.close()
    assert not founder.faults, "\n".join(founder.faults)


def _choose_own(founder, code):
    """The first person chooses name and password, and signs in."""
    founder.go("/first")
    founder.look("first")
    for name, text in (("code", code), ("login_name", "chen"), ("again", PASSWORD)):
        founder.page.fill(f"[name={name}]", text)
    founder.page.fill("[name=password]", PASSWORD)
    founder.follow("main form .button-big")
    assert founder.page.url.endswith("/sign-in/name")
    founder.look("sign-in after the first choice")
    founder.page.fill("[name=login_name]", "chen")
    founder.page.fill("[name=password]", PASSWORD)
    founder.follow("main form button")
    assert founder.page.url.endswith(
        "/sign-in/set-up"
    )  # A coordinator needs a second factor first.


def test_a_double_click_on_the_last_button_founds_once(browser, stage):
    context = browser.new_context()
    founder = Founder(stage, context, "zh", 390)
    founder.enter(make_code(stage.database))
    for name in list(TYPED)[:-1]:
        for field, text in TYPED[name].items():
            founder.fill(field, text)
        founder.press()
    founder.page.locator("main form .button-big").dblclick()
    founder.page.wait_for_url("**/set-up/done")
    assert count(stage.database) == 1
    assert len(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", founder.text())) == 2
    context.close()


@contextmanager
def server(folder, port):
    """Run ``timebank serve``; yields the code that it printed, and kills it in the end."""
    told = {**os.environ, "TIMEBANK_DATA": str(folder), "PORT": str(port), "TIMEBANK_DATABASE": ""}
    words = [sys.executable, "-m", "timebank.cli"]
    subprocess.run([*words, "migrate"], env=told, check=True, capture_output=True)
    process = subprocess.Popen([*words, "serve"], env=told, stdout=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stdout.readline, "")
        said = next(line for line in lines if "type the code" in line)
        yield said.split()[-1]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_killed_server_goes_on_at_the_next_step_with_the_same_code(browser, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stage = Stage(f"http://127.0.0.1:{port}", None, None, None, None)
    context = browser.new_context()
    founder = Founder(stage, context, "zh", 390)
    with server(tmp_path, port) as code:
        founder.enter(code)
        for field, text in TYPED["community"].items():
            founder.fill(field, text)
        founder.press()
    with server(tmp_path, port) as new_code:
        assert new_code != code
        founder.go("/set-up")
        assert founder.page.url.endswith("/set-up/places")
        other = Founder(stage, browser.new_context(), "zh", 390)
        other.enter(code)
        assert other.page.url.endswith("/set-up/places")
        other.context.close()
    context.close()
