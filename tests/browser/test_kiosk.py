"""The kiosk in a real browser: the scanner's keys, the keypad, the idle question, axe."""

import threading
from dataclasses import replace

import pytest
from werkzeug.serving import make_server

from kiosk.app import create_app
from kiosk.server import Reply
from tests.browser.looking import axe_faults, sideways_pixels, small_targets
from tests.factories.kiosks import whole_web_for
from tests.factories.people import PIN, a_request_id
from tests.factories.sealing import SIGNER, seal_in
from tests.kiosk.screen import Screen
from tests.waiting import HANG_SECONDS
from timebank.deeds.deed import Deed
from timebank.kiosks import wire
from timebank.people.actions import ask_for_pin, set_pin
from timebank.sealing.keys import SIGNER as NAME

pytestmark = pytest.mark.browser

PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1280, "height": 800}
SMALL_PORTRAIT = {"width": 800, "height": 1280}
PAGES = (
    "/", "/card", "/deposit", "/deposit/list", "/deposit/code", "/pickup", "/help", "/look",
    "/shelf", "/take",
)  # fmt: skip
WITH_CARD = ("/", "/shift", "/passbook", "/pickup", "/take/list")


@pytest.fixture(scope="module")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


@pytest.fixture
def screen(fresh_database, tmp_path, clock):
    fresh_database.info[NAME] = SIGNER  # Its server signs its books.
    made = Screen(fresh_database, tmp_path, clock, web=whole_web_for)
    yield made
    made.kiosk.outbox.close()


@pytest.fixture
def address(screen):
    """The agent on loopback; the tests run its sending rounds."""
    server = make_server("127.0.0.1", 0, create_app(kiosk=screen.kiosk), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=HANG_SECONDS)


@pytest.fixture
def page(browser, address):
    """The first page on the portrait screen of the shop; its console errors fail the test."""
    complaints = []
    context = browser.new_context(viewport=PORTRAIT, reduced_motion="reduce")
    context.set_default_timeout(HANG_SECONDS * 1000)
    made = context.new_page()
    made.on("console", lambda said: complaints.append(said.text))
    made.on("pageerror", lambda fault: complaints.append(str(fault)))
    made.goto(address + "/")
    yield made
    context.close()
    assert not complaints, "\n".join(complaints)


def send_keys(page, text):
    """Type as a scanner does: faster than any hand, with Enter at the end."""
    with page.expect_navigation():
        page.evaluate(
            """text => setTimeout(() => {
              const target = document.activeElement || document.body;
              for (const key of [...text, 'Enter']) {
                const told = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true});
                if (target.dispatchEvent(told) && key.length === 1 && 'value' in target) {
                  target.value += key;
                }
              }
            }, 0)""",
            text,
        )


@pytest.mark.parametrize("path", ["/", "/help", "/deposit/list"])
def test_a_card_is_read_on_any_page_without_focus(page, screen, address, path):
    page.goto(address + path)
    send_keys(page, screen.stand.card.token)
    page.goto(address + "/passbook")
    assert page.locator(".figures").count() == 1


def test_a_scan_into_a_field_leaves_no_digits_behind(page, screen, address):
    page.goto(address + "/deposit/code")
    page.locator(".pad-field").focus()
    send_keys(page, screen.barcode("洗衣液"))
    assert "洗衣液" in page.locator("h1").inner_text()


def test_a_person_who_types_is_left_alone(page, address):
    page.goto(address + "/card")
    page.locator(".pad-field").press_sequentially("123456782", delay=90)
    assert page.locator(".pad-field").input_value() == "123 456 782"
    assert page.url.endswith("/card")


def tap(page, digits):
    for digit in digits:
        page.locator(f'[data-key="{digit}"]').click()


def choose_pin(screen, *, is_asked=False):
    """Give the card a PIN; with ``is_asked`` its household wants to be asked for it."""
    by, card_id = screen.stand.volunteer, screen.stand.card.id

    def choose(session, now):
        set_pin(Deed(session, by, now, a_request_id()), card_id=card_id, pin=PIN)
        if is_asked:
            ask_for_pin(Deed(session, by, now, a_request_id()), card_id=card_id)

    screen.database.write(choose)


def done(page):
    """Press the green key and wait until the next page is whole."""
    with page.expect_navigation():
        page.locator(".key.is-done").click()


def type_number(page, screen, address):
    page.goto(address + "/card")
    tap(page, screen.stand.card.card_no)
    done(page)


def test_the_pad_writes_and_takes_back(page, screen, address):
    choose_pin(screen)
    page.goto(address + "/card")
    tap(page, screen.stand.card.card_no[:-1] + "0")
    page.locator("[data-wipe]").click()
    tap(page, screen.stand.card.card_no[-1])
    done(page)
    tap(page, PIN)
    done(page)
    page.goto(address + "/passbook")
    assert page.locator(".figures").count() == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pin_is_hidden_and_its_pages_are_whole(page, screen, address, lang):
    choose_pin(screen, is_asked=True)
    if lang == "en":
        page.locator("button[value=en]").click()
    found = []

    def check(name):
        for size in (PORTRAIT, LANDSCAPE):
            page.set_viewport_size(size)
            found.extend(f"{name} {size['width']}: {fault}" for fault in look(page))
        page.set_viewport_size(PORTRAIT)
        found.extend(f"{name}: {fault}" for fault in axe_faults(page))

    type_number(page, screen, address)
    tap(page, "1357")
    hiding = "getComputedStyle(document.querySelector('.pad-field')).webkitTextSecurity"
    assert page.evaluate(hiding) == "disc"
    check("typed")
    done(page)
    check("wrong")
    send_keys(page, screen.stand.card.token)
    page.goto(address + "/passbook")
    check("asked")
    screen.cut()
    page.goto(address + "/passbook")
    check("asked offline")
    page.goto(address + "/card")
    tap(page, screen.stand.card.card_no)
    done(page)
    check("typed offline")
    assert not found, "\n".join(found)


def test_the_stepper_counts_and_stops_at_its_ends(page, screen, address):
    page.goto(address + "/deposit")
    send_keys(page, screen.barcode("洗衣液"))
    field = page.locator(".step-value input")
    page.locator('[data-step="-1"]').click()
    assert field.input_value() == "1"
    page.locator('[data-set="20"]').click()
    page.locator('[data-step="1"]').click()
    assert field.input_value() == "21"


def test_a_silence_is_asked_about_and_then_ends_the_visit(page, screen, address):
    # Nobody is hurried: only the second question ends the visit.
    screen.kiosk.config = replace(screen.kiosk.config, idle_seconds=2, grace_seconds=HANG_SECONDS)
    send_keys(page, screen.stand.card.token)
    page.goto(address + "/passbook")
    page.get_by_text("还需要时间吗？").wait_for()
    page.get_by_role("button", name="继续", exact=True).click()
    page.locator("dialog").wait_for(state="hidden")
    screen.kiosk.config = replace(screen.kiosk.config, idle_seconds=1, grace_seconds=3)
    page.goto(address + "/passbook")
    page.get_by_text("还需要时间吗？").wait_for()
    page.locator(".banner strong", has_text="请刷服务卡").wait_for()


def test_a_result_leaves_by_itself_and_the_next_person_sees_nothing(page, screen, address):
    screen.kiosk.config = replace(screen.kiosk.config, result_seconds=4)
    page.goto(address + "/deposit")
    send_keys(page, screen.barcode("洗衣液"))
    page.locator(".main-button").first.click()
    page.locator(".choice").first.click()
    page.locator(".running .main-button").click()
    page.locator('form[action="/deposit/confirm"] .main-button').click()
    page.locator(".slip").wait_for()
    page.locator(".banner strong", has_text="请刷服务卡").wait_for()
    page.go_back()
    assert page.locator(".slip").count() == 0


def test_the_banner_follows_the_line_without_a_reload(page, screen):
    assert page.locator(".net").inner_text() == "网络正常"
    screen.cut()
    page.get_by_text("网络断开，可以继续使用").wait_for()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_whole_large_enough_and_free_of_axe_faults(page, screen, address, lang):
    found = []
    for with_card, paths in ((False, PAGES), (True, WITH_CARD)):
        if with_card:
            page.goto(address + "/")
            send_keys(page, screen.stand.card.token)
        if lang == "en":
            page.goto(address + "/")
            if page.locator("button[value=en]").count():
                page.locator("button[value=en]").click()
        for path in paths:
            page.goto(address + path)
            for size in (PORTRAIT, LANDSCAPE, SMALL_PORTRAIT):
                page.set_viewport_size(size)
                found += [f"{path} {size['width']}: {fault}" for fault in look(page)]
            page.set_viewport_size(PORTRAIT)
            found += [f"{path}: {fault}" for fault in axe_faults(page)]
    assert not found, "\n".join(found)


def forget_the_books(screen):
    """Let the kiosk see a checkpoint, and the server then have no proof for it."""
    seal_in(screen.database)
    assert screen.round()
    whole, nothing = screen.line, Reply(404, b'{"code":"NOT_FOUND","facts":{}}', {})
    screen.line = lambda call: nothing if call.path.startswith(wire.GROWTH_PATH) else whole(call)
    assert not screen.round()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_books_that_prove_nothing_stop_the_kiosk_with_a_page_for_staff(page, screen, address, lang):
    forget_the_books(screen)
    page.goto(address + "/deposit")
    assert page.url.endswith("/pair")
    if lang == "en":
        page.locator("button[value=en]").click()
        page.goto(address + "/pair")
    reason, banner = {"zh": ("接不上", "暂停使用"), "en": ("do not follow", "Out of use")}[lang]
    assert reason in page.locator("main").inner_text()
    assert banner in page.locator(".net").inner_text()
    found = []
    for path in ("/pair", "/pair?staff=1"):
        page.goto(address + path)
        for size in (PORTRAIT, LANDSCAPE):
            page.set_viewport_size(size)
            found += [f"{path} {size['width']}: {one}" for one in (*look(page), *axe_faults(page))]
    assert not found, "\n".join(found)


def look(page):
    """Check for a page that is too wide or too tall, and controls that are too small."""
    tall = page.evaluate("document.getElementById('main').scrollHeight") - page.evaluate(
        "document.getElementById('main').clientHeight"
    )
    if sideways_pixels(page) > 0:
        yield "too wide"
    if tall > 0:
        yield f"too tall by {tall}"
    yield from small_targets(page, 72)
