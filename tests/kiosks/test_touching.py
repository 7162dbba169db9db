"""What a kiosk claims, announces and names, as the server applies it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_stock
from tests.factories.kiosks import commit_stand, make_stand, receive, web_for
from tests.factories.looks import claims_of, open_reviews
from tests.factories.people import PIN, a_request_id, make_card, make_household, make_person
from tests.kiosks.test_http import call
from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.goods.queries import announced_deposits, in_clearing
from timebank.hours.tables import service_record
from timebank.kiosks import actions, wire
from timebank.kiosks.actions.grants import make_grant
from timebank.kiosks.actions.touching import CLAIM_FRESH
from timebank.kiosks.queries import answer_of
from timebank.kiosks.rules import GRANT_LASTS
from timebank.people.actions import ask_for_pin, set_pin
from timebank.people.queries import household_briefs

SOAP = "洗衣液"


@pytest.fixture
def stand(session, now):
    made = make_stand(session, now=now)
    make_stock(session, made.shop, SOAP, 5)
    return made


def soap(stand, pieces, **told):
    return wire.GoodsClaimed((wire.TakeWanted(stand.shop.item(SOAP), pieces),), **told)


def claims(session):
    return claims_of(session, 1)


def test_a_claim_by_touch_is_the_claim_of_the_web(session, stand, now):
    item = stand.deed(soap(stand, 2), at=now)
    assert receive(session, stand, item, now=now).outcome == "posted"
    (claim,) = claims(session)
    assert (claim.state, claim.approved, claim.channel) == ("ready", 2, "kiosk")
    assert claim.household_id == stand.volunteer.household_id


def test_a_claim_that_is_sent_twice_is_one(session, stand, now):
    item = stand.deed(soap(stand, 2), at=now)
    receive(session, stand, item, now=now)
    assert receive(session, stand, item, now=now).outcome == "duplicate"
    assert len(claims(session)) == 1


def test_less_than_was_confirmed_files_nothing_and_is_no_work_for_staff(session, stand, now):
    other = make_claimant(session, stand.shop.town, building=1)
    make_claim(session, stand.shop, other, now=now, 洗衣液=4)
    item = stand.deed(soap(stand, 3), at=now)
    assert receive(session, stand, item, now=now).outcome == "posted"
    assert [one.household_id for one in claims(session)] == [other.household_id]
    assert answer_of(session, stand.device, stand.seq, now) == {"state": "changed"}
    assert open_reviews(session, stand.shop.keeper) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_a_claim_that_waited_at_the_kiosk_is_looked_at_first(session, stand, now, late):
    item = stand.deed(soap(stand, 2), at=now)
    now = now + CLAIM_FRESH + late
    result = receive(session, stand, item, now=now)
    assert result.reason == ("CLAIM_LATE" if late else None)
    if not late:
        return
    assert claims(session) == []
    (review,) = open_reviews(session, stand.shop.keeper)
    deed = Deed(session, stand.shop.keeper, now, a_request_id())
    actions.settle_review(deed, review_id=review.review_id, how="post", note="")
    assert [one.state for one in claims(session)] == ["ready"]


def test_where_the_household_asked_for_the_pin_a_claim_needs_its_grant(session, stand, now):
    by, card_id = stand.volunteer, stand.card.id
    set_pin(Deed(session, by, now, a_request_id()), card_id=card_id, pin=PIN)
    ask_for_pin(Deed(session, by, now, a_request_id()), card_id=card_id)
    item = stand.deed(soap(stand, 1), at=now)
    assert receive(session, stand, item, now=now).reason == "PIN_MISSING"
    grant = make_grant(session, stand.device, card_id, now=now)
    item = stand.deed(soap(stand, 1, grant=grant), at=now)
    assert receive(session, stand, item, now=now).outcome == "posted"
    assert len(claims(session)) == 1


def test_nobody_claims_without_a_card(session, stand, now):
    item = stand.deed(soap(stand, 1), at=now, actor=None)
    assert receive(session, stand, item, now=now).reason == "CARD_UNKNOWN"
    assert claims(session) == []


def test_a_card_without_a_household_claims_nothing(session, stand, now):
    person_id = make_person(session, stand.shop.town)
    card = make_card(session, stand.shop.town, person_id)
    actor = f"card:{wire.card_ref(stand.device.secret, card.token)}"
    item = stand.deed(soap(stand, 1), at=now, actor=actor)
    assert receive(session, stand, item, now=now).reason == "NOT_FOUND"


def test_the_answer_of_a_claim_is_given_for_half_an_hour(session, stand, now):
    receive(session, stand, stand.deed(soap(stand, 2), at=now), now=now)
    just = now + GRANT_LASTS - timedelta(seconds=1)
    assert "claim_id" in answer_of(session, stand.device, stand.seq, just)
    assert answer_of(session, stand.device, stand.seq, now + GRANT_LASTS) == {}
    assert answer_of(session, stand.device, stand.seq + 1, now) == {}


def test_announced_goods_wait_at_home_and_left_ones_in_the_clearing(session, stand, now):
    line = wire.WireDepositLine(stand.shop.item(SOAP), 3, "new")
    item = stand.deed(wire.GoodsAnnounced((line,)), at=now)
    assert receive(session, stand, item, now=now).outcome == "posted"
    (announced,) = announced_deposits(session, 1)
    assert (announced.state, announced.pieces) == ("announced", 3)
    assert in_clearing(session, 1, stand.shop.store_id) == []
    item = stand.deed(wire.DepositRecorded((line,)), at=now)
    receive(session, stand, item, now=now)
    assert [one.pieces for one in in_clearing(session, 1, stand.shop.store_id)] == [3]


def started(session, stand, now, **helped):
    item = stand.deed(wire.ShiftStarted(stand.service_id, **helped), at=now)
    result = receive(session, stand, item, now=now)
    row = session.execute(select(service_record)).one_or_none()
    return result.reason, row and row.recipient_household_id


@pytest.mark.parametrize("by", ["card", "id", "number"])
def test_the_household_that_is_helped_is_on_record(session, stand, now, by):
    home = make_household(session, stand.shop.town)
    card = make_card(session, stand.shop.town, home.person_ids[0])
    brief = household_briefs(session, 1, [home.household_id])[home.household_id]
    told = {
        "card": {"helped_ref": wire.card_ref(stand.device.secret, card.token)},
        "id": {"helped_id": home.household_id},
        "number": {"helped_no": brief.household_no},
    }[by]
    assert started(session, stand, now, **told) == (None, home.household_id)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"helped_ref": "nobody"}, "CARD_UNKNOWN"),
        ({"helped_no": "H-9999"}, "NOT_FOUND"),
        ({"helped_id": 77}, "NOT_FOUND"),
        ({"helped_id": 2**63}, "BAD_INPUT"),
        ({"helped_no": "H-\0"}, "BAD_INPUT"),
        ({"helped_no": "H-0001", "is_group": True}, "BAD_INPUT"),
    ],
)
def test_an_unknown_household_is_looked_at_and_never_becomes_a_group(
    session, stand, now, told, reason
):
    assert started(session, stand, now, **told) == (reason, None)
    assert session.execute(select(service_record)).all() == []


def test_ones_own_household_is_no_service(session, stand, now):
    told = {"helped_id": stand.volunteer.household_id}
    assert started(session, stand, now, **told) == ("NOT_VOLUNTEER_SERVICE", None)


def test_a_group_on_purpose_and_a_kiosk_of_an_older_version_name_nobody(session, stand, now):
    assert started(session, stand, now, is_group=True) == (None, None)
    assert wire.canonical(wire.ShiftStarted(7)) == b'{"service_id":7}'


def test_lines_are_counted_like_those_of_a_deposit(stand, now):
    for pieces in (0, wire.PIECES_MAX + 1):
        with pytest.raises(BadInput):
            wire.read_body(stand.envelope(soap(stand, pieces), at=now))


# Over the addresses.


@pytest.fixture
def shop(fresh_database):
    made = commit_stand(fresh_database)
    fresh_database.write(lambda session, now: make_stock(session, made.shop, SOAP, 5))
    return made


@pytest.fixture
def client(fresh_database, shop):
    return web_for(fresh_database).test_client()


def ask(client, shop, path, told):
    return call(client, shop, path, wire.canonical(told))


def test_what_may_be_taken_is_told_for_an_open_card_only(client, shop):
    ref = wire.card_ref(shop.device.secret, shop.card.token)
    told = ask(client, shop, "take", wire.TakeAsked(ref)).json
    assert [(row["name_zh"], row["most"]) for row in told["rows"]] == [(SOAP, 5)]
    assert ask(client, shop, "take", wire.TakeAsked("nobody")).json == {"is_open": False}


def test_where_the_household_asked_for_the_pin_nothing_is_told_without_it(
    fresh_database, client, shop
):
    by, card_id = shop.volunteer, shop.card.id

    def wish(session, now):
        set_pin(Deed(session, by, now, a_request_id()), card_id=card_id, pin=PIN)
        ask_for_pin(Deed(session, by, now, a_request_id()), card_id=card_id)
        return make_grant(session, shop.device, card_id, now=now)

    grant = fresh_database.write(wish)
    ref = wire.card_ref(shop.device.secret, shop.card.token)
    assert ask(client, shop, "take", wire.TakeAsked(ref)).json == {"is_open": False}
    assert ask(client, shop, "take", wire.TakeAsked(ref, grant)).json["rows"]


def test_an_offer_names_what_is_less_in_both_languages(client, shop):
    ref = wire.card_ref(shop.device.secret, shop.card.token)
    lines = (wire.TakeWanted(shop.shop.item(SOAP), 7),)
    (line,) = ask(client, shop, "take", wire.TakeAsked(ref, None, lines)).json["offered"]
    assert (line["asked"], line["approved"]) == (7, 5)
    assert (line["why_zh"], line["why_en"]) == ("货架上不够", "not enough on the shelf")


def test_a_kiosk_that_is_ended_learns_nothing(fresh_database, client, shop):
    ref = wire.card_ref(shop.device.secret, shop.card.token)
    fresh_database.write(
        lambda session, now: actions.revoke_device(
            Deed(session, shop.coordinator, now, a_request_id()),
            device_id=shop.device.device_id,
            why="lost",
        )
    )
    questions = (
        ("take", wire.TakeAsked(ref)), ("result", wire.ResultAsked(1)),
        ("helped", wire.HelpedAsked(ref, number="1")),
    )  # fmt: skip
    for path, question in questions:
        assert ask(client, shop, path, question).json["code"] == "DEVICE_REVOKED"
    assert call(client, shop, "shelf").json["code"] == "DEVICE_REVOKED"


def test_the_number_of_a_household_opens_nothing_but_its_id(fresh_database, client, shop):
    ref = wire.card_ref(shop.device.secret, shop.card.token)
    home = fresh_database.write(lambda session, now: make_household(session, shop.shop.town))
    with fresh_database.reading() as session:
        brief = household_briefs(session, 1, [home.household_id])[home.household_id]
    question = wire.HelpedAsked(ref, number=brief.household_no)
    assert ask(client, shop, "helped", question).json == {"household_id": home.household_id}
    nobody = wire.HelpedAsked(ref, number="H-9999")
    assert ask(client, shop, "helped", nobody).json == {}
