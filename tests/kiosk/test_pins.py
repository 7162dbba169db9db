"""The PIN at the screen: after a typed number, and where the household asked for it."""

import re

import pytest

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.people import PIN, a_request_id, make_card, make_household
from timebank.aid import queries as aid
from timebank.deeds.deed import Deed
from timebank.kiosks import wire
from timebank.people import queries as people
from timebank.people.actions import ask_for_pin, set_pin
from timebank.people.rules import card_no

WRONG = "1357"
PASSBOOK = "点一下，看数目"


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


@pytest.fixture
def claim(screen):
    def reserve(session, now):
        by = screen.stand.volunteer
        set_pin(Deed(session, by, now, a_request_id()), card_id=screen.stand.card.id, pin=PIN)
        make_stock(session, screen.stand.shop, "洗衣液", 5)
        return make_claim(session, screen.stand.shop, by, now=now, 洗衣液=2)

    return screen.database.write(reserve)


def wish(screen):
    by = screen.stand.volunteer
    screen.database.write(
        lambda session, now: ask_for_pin(
            Deed(session, by, now, a_request_id()), card_id=screen.stand.card.id
        )
    )
    screen.kiosk.sync._looked_at = None
    screen.round()


def type_number(screen, number=None):
    screen.get("/card")
    return screen.post("/card", digits=number or screen.stand.card.card_no)


def test_a_typed_number_asks_for_the_pin_and_opens_nothing_before(screen, claim):
    assert "请输数字密码" in type_number(screen)
    for path in ("/", "/passbook", "/pickup", "/shift"):
        page = screen.get(path)
        assert claim.claim_no not in page
        assert "，您好" not in page
    assert "请先刷服务卡" in screen.get("/passbook")


def test_a_typed_number_with_its_pin_opens_passbook_and_pick_up(screen, claim):
    type_number(screen)
    for slip in ("12", "²580", "٢٥٨٠", "1e10", "1234567") * 2:  # No wrong guess is counted.
        assert "密码是 4 到 6 位数字" in screen.post("/pin", pin=slip)
    wide = PIN.translate({48 + n: 0xFF10 + n for n in range(10)})
    assert "，您好" in screen.post("/pin", pin=f"\u200b{wide[:2]}　{wide[2:]}")
    assert PASSBOOK in screen.get("/passbook")
    assert claim.claim_no in screen.get("/pickup")
    screen.get(f"/pickup/{claim.claim_id}")
    told = {"event_id": screen.field("event_id"), "claim_id": claim.claim_id}
    assert "领好了" in screen.post("/pickup/confirm", **told)
    assert screen.read(aid.claim, claim.claim_id).state == "issued"


def test_a_wrong_pin_opens_nothing_and_leaves_the_line_up(screen, claim):
    type_number(screen)
    assert "卡号或密码不对" in screen.post("/pin", pin=WRONG)
    assert "密码是 4 到 6 位数字" in screen.post("/pin", pin="12")
    for _ in range(5):
        screen.post("/pin", pin=WRONG)
    assert "输错了好几次" in screen.page
    assert "输错了好几次" in screen.post("/pin", pin=PIN)
    assert screen.kiosk.sync.is_up and screen.kiosk.sync.trouble is None
    assert "请先刷服务卡" in screen.get("/passbook")


def test_a_number_that_is_nobodys_is_not_told_apart_from_a_wrong_pin(screen, claim):
    type_number(screen)
    wrong = screen.post("/pin", pin=WRONG)
    type_number(screen, card_no(99999999))
    notice = re.compile(r'class="notice".*?</p>', re.S)
    unknown = screen.post("/pin", pin=WRONG)
    assert notice.search(unknown)[0] == notice.search(wrong)[0]


def test_off_line_a_typed_number_opens_neither_passbook_nor_pick_up(screen, claim):
    screen.cut()
    assert "不能输卡号" in type_number(screen)
    screen.post("/pin", pin=PIN)
    assert "请先刷服务卡" in screen.get("/passbook")
    assert claim.claim_no not in screen.get("/pickup")


def test_a_line_that_breaks_while_the_pin_is_typed_opens_nothing(screen, claim):
    type_number(screen)
    screen.whole, screen.line = screen.line, refuse
    assert "不能输卡号" in screen.post("/pin", pin=PIN)
    assert "请先刷服务卡" in screen.get("/passbook")


def refuse(call):
    from kiosk.server import ServerDown

    raise ServerDown("no network")


def test_a_typed_number_ends_the_visit_of_another_card(screen, claim):
    def other(session, now):
        family = make_household(session, screen.stand.shop.town)
        return make_card(session, screen.stand.shop.town, family.person_ids[0], PIN)

    screen.scan()
    screen.list_soap()
    type_number(screen, screen.database.write(other).card_no)
    screen.post("/pin", pin=PIN)
    assert "请核对" not in screen.get("/deposit/check")
    assert claim.claim_no not in screen.get("/pickup")


def test_a_card_whose_household_asked_opens_after_the_pin_alone(screen, claim):
    wish(screen)
    screen.scan()
    assert "刷卡以后还要输密码" in screen.get("/passbook")
    assert "刷卡以后还要输密码" in screen.get("/pickup")
    assert claim.claim_no not in screen.page
    assert "卡号或密码不对" in screen.post("/pin", pin=WRONG)
    assert claim.claim_no in screen.post("/pin", pin=PIN)
    assert PASSBOOK in screen.get("/passbook")
    screen.post("/passbook/show")
    screen.get(f"/pickup/{claim.claim_id}")
    told = {"event_id": screen.field("event_id"), "claim_id": claim.claim_id}
    assert "领好了" in screen.post("/pickup/confirm", **told)
    assert screen.read(aid.claim, claim.claim_id).state == "issued"


def test_the_next_visit_of_such_a_card_asks_again_off_line_too(screen, claim):
    wish(screen)
    screen.scan()
    screen.get("/passbook")
    screen.post("/pin", pin=PIN)
    screen.post("/end")
    ref = wire.card_ref(screen.kiosk.outbox.identity.secret, screen.stand.card.token)
    assert screen.kiosk.known.seen(ref).member.passbook is None
    screen.get("/")
    screen.scan()
    assert "刷卡以后还要输密码" in screen.get("/passbook")
    screen.cut()
    assert "密码暂时核对不了" in screen.get("/passbook")
    assert "请先刷服务卡" not in screen.get("/deposit")  # Giving stays open.
    assert "今天做什么服务" in screen.get("/shift")


def test_a_page_that_skips_the_pin_shows_no_amount(screen, claim):
    wish(screen)
    screen.scan()
    assert "••••" not in screen.post("/passbook/show")
    assert screen.kiosk.outbox._deeds("WHERE type='balance.viewed'") == []


def test_the_files_of_a_kiosk_give_no_card_number_and_no_pin_away(screen, claim, tmp_path):
    """Whoever takes the kiosk has its key: they hash every number and look for the hashes."""
    screen.list_soap()
    type_number(screen)
    screen.post("/pin", pin=WRONG)
    screen.post("/pin", pin=PIN)
    screen.post(
        "/deposit/confirm", event_id=screen.get("/deposit/check") and screen.field("event_id")
    )
    screen.post("/pickup/confirm", claim_id=claim.claim_id, event_id=event_of(screen, claim))
    secret = screen.kiosk.outbox.identity.secret
    cards = screen.read(people.card_holders)
    told = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert wire.card_ref(secret, screen.stand.card.token).encode() in told
    for card in cards:
        assert wire.card_ref(secret, card.card_no).encode() not in told
        assert card.card_no.encode() not in told
    assert f'"{PIN}"'.encode() not in told and f'"{WRONG}"'.encode() not in told
    kept = repr([vars_of(one) for one in screen.kiosk.visits._open.values()])
    assert PIN not in kept and WRONG not in kept


def event_of(screen, claim):
    screen.get(f"/pickup/{claim.claim_id}")
    return screen.field("event_id")


def vars_of(visit):
    return {name: getattr(visit, name) for name in visit.__slots__}


def test_the_pin_pad_is_no_field_that_a_browser_offers_to_store(screen, claim):
    page = type_number(screen)
    pad = re.search(r"<input[^>]*pad-field[^>]*>", page)[0]
    assert "is-secret" in pad and 'autocomplete="off"' in pad
    assert 'type="password"' not in page
    assert screen.client.get("/pin?pin=8164").status_code == 200  # An address proves nothing.
    assert "，您好" not in screen.get("/")
