"""A printed number at the kiosk needs the PIN; so does a card whose household asked for it.

Over the addresses that kiosks call: what the server tells, whatever the kiosk believes.
"""

from datetime import timedelta

import pytest

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.kiosks import commit_stand, make_stand, receive, web_for, with_number_hash
from tests.factories.looks import audit_lines, open_reviews
from tests.factories.people import PIN, a_request_id, make_card, make_household
from tests.kiosks.test_http import call
from timebank.aid import queries as aid
from timebank.deeds.deed import Deed
from timebank.kiosks import actions, wire
from timebank.kiosks.actions.grants import make_code_grant, make_grant
from timebank.kiosks.rules import GRANT_LASTS
from timebank.people.actions import ask_for_pin, revoke_card, set_pin

WRONG = "1357"


@pytest.fixture
def stand(fresh_database):
    made = commit_stand(fresh_database)
    by = made.volunteer
    fresh_database.write(
        lambda session, now: set_pin(
            Deed(session, by, now, a_request_id()), card_id=made.card.id, pin=PIN
        )
    )
    return made


@pytest.fixture
def claim(fresh_database, stand):
    def reserve(session, now):
        make_stock(session, stand.shop, "洗衣液", 5)
        return make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)

    return fresh_database.write(reserve)


@pytest.fixture
def ask(fresh_database, stand):
    client = web_for(fresh_database).test_client()

    def send(**asked):
        return call(client, stand, "card", wire.canonical(wire.CardAsked(**asked)))

    return send


def wish(database, stand):
    database.write(
        lambda session, now: ask_for_pin(
            Deed(session, stand.volunteer, now, a_request_id()), card_id=stand.card.id
        )
    )


def code_ref(stand):
    return wire.card_ref(stand.device.secret, stand.card.token)


def test_a_number_without_the_pin_opens_nothing(stand, claim, ask):
    assert ask(card_no=stand.card.card_no).json["member"] is None
    for pin, told in (("", (422, "BAD_INPUT")), (WRONG, (403, "SIGN_IN_FAILED"))):
        refused = ask(card_no=stand.card.card_no, pin=pin)
        assert (refused.status_code, refused.json["code"]) == told


def test_a_number_with_the_pin_opens_the_card(stand, claim, ask):
    told = ask(card_no=stand.card.card_no, pin=PIN).json
    assert told["member"]["refs"] == [code_ref(stand)]
    assert told["ready"][0]["claim_no"] == claim.claim_no


def test_the_hash_of_a_number_opens_nothing_even_if_an_early_version_stored_it(
    fresh_database, stand, claim, ask
):
    of_number = fresh_database.write(lambda session, now: with_number_hash(session, stand))
    assert ask(ref=of_number).json == {"member": None, "ready": []}
    assert ask(ref=of_number, pin=PIN).json["code"] == "SIGN_IN_FAILED"
    assert ask(ref=code_ref(stand)).json["ready"]


def test_wrong_pins_are_throttled_per_card_and_counted_with_those_of_the_web(stand, ask, clock):
    codes = [ask(card_no=stand.card.card_no, pin=WRONG).json["code"] for _ in range(6)]
    assert codes == ["SIGN_IN_FAILED"] * 5 + ["TOO_MANY_TRIES"]
    assert ask(card_no=stand.card.card_no, pin=PIN).status_code == 429
    clock.move(minutes=2)
    assert ask(card_no=stand.card.card_no, pin=PIN).json["ready"] == []


def test_unknown_numbers_are_throttled_per_kiosk(fresh_database, stand, ask):
    def others(session, now):
        town = stand.shop.town
        people = [make_household(session, town).person_ids[0] for _ in range(20)]
        return [make_card(session, town, one).card_no for one in people]

    numbers = fresh_database.write(others)
    codes = [ask(card_no=number, pin=PIN).json["code"] for number in numbers]
    assert codes[-1] == "SIGN_IN_FAILED"
    assert ask(card_no=stand.card.card_no, pin=PIN).json["code"] == "TOO_MANY_TRIES"


def test_a_scanned_card_needs_no_pin_until_its_household_asks(fresh_database, stand, claim, ask):
    assert ask(ref=code_ref(stand)).json["ready"][0]["claim_no"] == claim.claim_no
    wish(fresh_database, stand)
    closed = ask(ref=code_ref(stand)).json
    assert (closed["ready"], closed["member"]["passbook"]) == ([], None)
    assert closed["member"]["asks_pin"]
    assert ask(ref=code_ref(stand), pin=WRONG).json["code"] == "SIGN_IN_FAILED"
    opened = ask(ref=code_ref(stand), pin=PIN).json
    assert opened["ready"][0]["claim_no"] == claim.claim_no
    again = ask(ref=code_ref(stand), grant=opened["grant"]).json
    assert again["member"]["passbook"] is not None


def test_a_grant_ends_and_fits_no_other_card(fresh_database, stand, claim, ask, clock):
    wish(fresh_database, stand)
    grant = ask(ref=code_ref(stand), pin=PIN).json["grant"]
    until, _, digest = grant.partition(".")
    for forged in (
        "",
        "x",
        f"{int(until) + 1}.{digest}",
        f"{until}.",
        "9" * 40,
        "٣.x",
        f"{until}.é",
    ):
        assert ask(ref=code_ref(stand), grant=forged).json["ready"] == []

    def another(session, now):
        person_id = make_household(session, stand.shop.town).person_ids[0]
        card = make_card(session, stand.shop.town, person_id)
        return make_grant(session, stand.device, card.id, now=now)

    assert ask(ref=code_ref(stand), grant=fresh_database.write(another)).json["ready"] == []
    clock.move(seconds=GRANT_LASTS.total_seconds() + 1)
    assert ask(ref=code_ref(stand), grant=grant).json["ready"] == []


def test_a_stopped_card_says_so_only_to_the_right_pin(fresh_database, stand, ask):
    fresh_database.write(
        lambda session, now: revoke_card(
            Deed(session, stand.coordinator, now, "lost"), card_id=stand.card.id, why="lost"
        )
    )
    assert ask(card_no=stand.card.card_no, pin=WRONG).json["code"] == "SIGN_IN_FAILED"
    assert ask(card_no=stand.card.card_no, pin=PIN).json["code"] == "CARD_REVOKED"


def test_the_sign_in_is_recorded_as_made_at_the_kiosk(fresh_database, stand, ask):
    ask(card_no=stand.card.card_no, pin=PIN)
    with fresh_database.reading() as session:
        (line,) = audit_lines(session, 1, name="sign_in")
    assert (line.client, line.channel) == (f"card:{stand.card.id}", "kiosk")


def test_a_request_shows_no_secret_when_it_is_printed():
    asked = wire.CardAsked(card_no="123456782", pin=PIN, pickup_code="424242", grant="g")
    assert not any(secret in repr(asked) for secret in ("123456782", PIN, "424242"))


@pytest.fixture
def hall(session, now):
    """A stand within the test's own unit of work, with a claim that is ready."""
    made = make_stand(session, now=now)
    make_stock(session, made.shop, "洗衣液", 5)
    made.claimed = make_claim(session, made.shop, made.volunteer, now=now, 洗衣液=2)
    set_pin(Deed(session, made.volunteer, now, a_request_id()), card_id=made.card.id, pin=PIN)
    return made


def hand_out(session, hall, now, *, at=None, **changes):
    body = wire.PickupCompleted(hall.claimed.claim_id, grant=changes.pop("grant", None))
    return receive(session, hall, hall.deed(body, at=at or now, **changes), now=now).reason


def test_goods_reported_without_the_pin_that_was_asked_for_go_to_review(session, hall, now):
    ask_for_pin(Deed(session, hall.volunteer, now, a_request_id()), card_id=hall.card.id)
    grant = make_grant(session, hall.device, hall.card.id, now=now)
    assert hand_out(session, hall, now) == "PIN_MISSING"
    late = now + GRANT_LASTS + timedelta(minutes=1)
    assert hand_out(session, hall, late, grant=grant) == "PIN_MISSING"
    assert aid.claim(session, 1, hall.claimed.claim_id).state == "ready"
    assert hand_out(session, hall, late, at=now, grant=grant) is None  # Reported late.
    assert aid.claim(session, 1, hall.claimed.claim_id).state == "issued"


def test_goods_reported_by_the_hash_of_a_number_go_to_review(session, hall, now):
    actor = f"card:{with_number_hash(session, hall)}"
    assert hand_out(session, hall, now, actor=actor) == "PIN_MISSING"
    (waiting,) = open_reviews(session, hall.coordinator)
    actions.settle_review(
        Deed(session, hall.shop.keeper, now, "r"), review_id=waiting.review_id, how="post", note=""
    )
    assert aid.claim(session, 1, hall.claimed.claim_id).state == "issued"


def test_the_word_for_a_right_code_opens_one_claim_at_one_kiosk_for_a_while(session, hall, now):
    other = make_claim(session, hall.shop, hall.volunteer, now=now, 洗衣液=1)
    grant = make_code_grant(session, hall.device, hall.claimed.claim_id, now=now)
    wrong = make_code_grant(session, hall.device, other.claim_id, now=now)
    pin = make_grant(session, hall.device, hall.card.id, now=now)
    until, _, digest = grant.partition(".")
    for forged in (wrong, pin, f"{int(until) + 1}.{digest}", f"{until}.é", "x", None):
        assert hand_out(session, hall, now, actor=None, grant=forged) == "BAD_INPUT"
    late = now + GRANT_LASTS + timedelta(minutes=1)
    assert hand_out(session, hall, late, actor=None, grant=grant) == "BAD_INPUT"
    assert aid.claim(session, 1, hall.claimed.claim_id).state == "ready"
    assert hand_out(session, hall, late, at=now, actor=None, grant=grant) is None
    assert aid.claim(session, 1, hall.claimed.claim_id).state == "issued"
