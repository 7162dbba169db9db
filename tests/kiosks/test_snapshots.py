"""What a kiosk may store: enough to serve, nothing that reveals who lives where."""

from datetime import timedelta

from tests.factories.aid import make_claim
from tests.factories.goods import make_stock
from tests.factories.hours import statements
from tests.factories.kiosks import make_device, with_number_hash
from tests.factories.people import PIN, make_card, make_household
from timebank.deeds.deed import Deed
from timebank.hours import actions as hours
from timebank.kiosks import actions, queries, wire
from timebank.people import queries as people
from timebank.people.actions import ask_for_pin, revoke_card, set_pin
from timebank.values import to_us


def snapshot(session, stand, now):
    actions.learn_cards(session, stand.device)
    return queries.snapshot_for(session, stand.device, now)


def test_a_card_is_known_by_its_code_alone(session, stand, now):
    (member,) = snapshot(session, stand, now).members
    assert member.refs == (wire.card_ref(stand.device.secret, stand.card.token),)
    assert member.is_volunteer


def test_a_hash_of_a_number_from_an_early_version_is_told_to_no_kiosk(session, stand, now):
    of_number = wire.card_ref(stand.device.secret, stand.card.card_no)
    with_number_hash(session, stand)
    (member,) = snapshot(session, stand, now).members
    assert member.refs == (wire.card_ref(stand.device.secret, stand.card.token),)
    owner = actions.whose_card(session, stand.device, of_number)
    assert owner.is_by_number
    today = queries.card_today(session, stand.device, now, owner=owner)
    assert of_number not in today.member.refs


def test_a_household_that_asked_for_the_pin_has_no_passbook_in_it(session, stand, now):
    set_pin(Deed(session, stand.volunteer, now, "p"), card_id=stand.card.id, pin=PIN)
    ask_for_pin(Deed(session, stand.volunteer, now, "w"), card_id=stand.card.id)
    (member,) = snapshot(session, stand, now).members
    assert (member.asks_pin, member.passbook) == (True, None)
    assert member.name and member.is_volunteer


def test_no_name_phone_address_id_number_token_or_pin_is_in_it(session, stand, now):
    text = wire.canonical(snapshot(session, stand, now)).decode()
    brief = people.person_brief(session, 1, stand.volunteer.person_id)
    assert brief.masked_name in text
    for secret in (
        brief.name,
        stand.card.token,
        stand.card.card_no,
        brief.household_no,
        "990106",
        "100000",
        "01室",
    ):
        assert secret not in text


def test_the_version_names_the_content_and_not_the_hour(session, stand, now, clock):
    first = snapshot(session, stand, now)
    later = snapshot(session, stand, clock.move(hours=1))
    assert (first.version, first.made_at < later.made_at) == (later.version, True)
    hours.open_balance(
        Deed(session, stand.coordinator, now, "o"),
        minutes=90,
        served_minutes=120,
        person_id=stand.volunteer.person_id,
        note="结转",
    )
    changed = snapshot(session, stand, now)
    assert changed.version != first.version
    passbook = changed.members[0].passbook
    assert (passbook.available_minutes, passbook.cumulative_minutes) == (90, 120)


def test_an_open_shift_travels_along(session, stand, now):
    hours.check_in(
        Deed(session, stand.volunteer, now, "i"),
        person_id=stand.volunteer.person_id,
        service_id=stand.service_id,
    )
    shift = snapshot(session, stand, now).members[0].shift
    assert shift == wire.SnapshotShift(stand.service_id, to_us(now))


def test_a_revoked_card_says_that_it_is_revoked_and_nothing_else(session, stand, now):
    snapshot(session, stand, now)
    revoke_card(Deed(session, stand.coordinator, now, "r"), card_id=stand.card.id, why="lost")
    (member,) = snapshot(session, stand, now).members
    assert (member.revoked, member.name, member.member, member.passbook) == (True, "", "", None)


def test_every_item_and_service_has_both_names(session, stand, now):
    found = snapshot(session, stand, now)
    assert len(found.items) == 30
    assert all(one.name_zh and one.name_en for one in (*found.items, *found.services))


def test_ten_more_cards_cost_no_more_statements(session, stand, now):
    snapshot(session, stand, now)
    with statements(session) as few:
        queries.snapshot_for(session, stand.device, now)
    for _ in range(10):
        family = make_household(session, stand.shop.town)
        make_card(session, stand.shop.town, family.person_ids[0])
    actions.learn_cards(session, stand.device)
    with statements(session) as many:
        found = queries.snapshot_for(session, stand.device, now)
    assert len(found.members) == 11
    assert len(many) == len(few) <= 12


def test_one_card_as_of_now_tells_what_waits_and_what_is_left(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claim = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    owner = actions.whose_card(session, stand.device, ref)
    today = queries.card_today(session, stand.device, now, owner=owner)
    assert today.member.passbook.pieces_left == 18
    (ready,) = today.ready
    assert (ready.claim_id, [line.pieces for line in ready.lines]) == (claim.claim_id, [2])
    by_code = queries.code_today(session, stand.device, claim.pickup_code, now=now)
    assert (by_code.member, by_code.ready) == (None, (ready,))
    assert queries.code_today(session, stand.device, "999999x", now=now).ready == ()


def test_a_claim_that_has_just_ended_is_not_offered_though_no_job_has_run(session, stand, now):
    make_stock(session, stand.shop, "洗衣液", 5)
    claim = make_claim(session, stand.shop, stand.volunteer, now=now, 洗衣液=2)
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    owner = actions.whose_card(session, stand.device, ref)
    end = claim.hold_until_at
    for at, count in ((end - timedelta(seconds=1), 1), (end, 0)):
        by_card = queries.card_today(session, stand.device, at, owner=owner)
        by_code = queries.code_today(session, stand.device, claim.pickup_code, now=at)
        assert (len(by_card.ready), len(by_code.ready)) == (count, count)


def test_a_household_without_a_paper_is_told_zero_and_not_why(session, stand, now):
    town = stand.shop.town
    card = make_card(session, town, make_household(session, town).person_ids[0])
    owner = actions.whose_card(
        session, stand.device, wire.card_ref(stand.device.secret, card.token)
    )
    today = queries.card_today(session, stand.device, now, owner=owner)
    assert (today.member.passbook.pieces_left, today.ready) == (0, ())


def test_another_device_knows_nothing_by_our_hashes(session, stand, now):
    other, _ = make_device(session, stand.shop, stand.coordinator, now=now)
    ref = wire.card_ref(stand.device.secret, stand.card.token)
    assert actions.whose_card(session, other, ref) is None
    assert queries.card_today(session, other, now, owner=None) == wire.CardToday(None, ())
