"""A walk-in donation: the keeper judges, the donor takes a receipt home."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_by
from tests.factories.aid import make_resident
from tests.factories.goods import make_donation_point, make_shop, make_stock, shelf_row
from tests.factories.people import a_request_id, make_town
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import actions, queries
from timebank.goods.refusals import PreDepositLapsed
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.goods.tables import deposit, lot
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.people.actions import NewOrganisation, add_organisations
from timebank.values import HONOUR, POINTS, local_instant

KEEPS = date(2026, 2, 28)


def receive(session, shop, *lines, now, by=None, **told):
    return actions.receive_deposit(
        Deed(session, by or shop.keeper, now, a_request_id()),
        **{"store_id": shop.store_id, **told},
        lines=lines,
    )


def rice(shop, brought=2, accepted=None):
    kept = brought if accepted is None else accepted
    code = None if kept == brought else "NOT_ACCEPTED"
    return JudgedLine(shop.item("大米"), brought, kept, best_before_on=KEEPS, refuse_code=code)


def announce(session, shop, by, *, now, channel_by=None, **told):
    lines = (AnnouncedLine(shop.item("肥皂"), 4),)
    return actions.announce_deposit(
        Deed(session, channel_by or by, now, a_request_id()),
        **{"store_id": shop.store_id, "lines": lines, "donor_person_id": by.person_id, **told},
    )


def test_an_anonymous_gift_needs_no_account_and_thanks_nobody(session, shop, now):
    receipt = receive(session, shop, rice(shop), now=now)
    assert (receipt.accepted, receipt.honour, receipt.points) == (2, 0, 0)
    deposit = queries.deposit(session, 1, receipt.deposit_id)
    assert (deposit.donor_person_id, deposit.donor_organisation_id) == (None, None)
    assert balance_of(session, 1, "thanks", HONOUR).posted == 0


def test_points_are_the_other_thanks_and_never_come_with_honour(session, shop, town, now):
    person_id = make_resident(session, town).person_id
    receipt = receive(
        session, shop, rice(shop), now=now, donor_person_id=person_id, thanks="points"
    )
    assert (receipt.honour, receipt.points) == (0, 60)
    assert balance_of(session, 1, "person", POINTS, owner_id=person_id).posted == 60
    assert balance_of(session, 1, "person", HONOUR, owner_id=person_id).posted == 0
    assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


def test_whoever_chose_points_has_no_receipt_and_the_numbers_have_no_gap(session, shop, town, now):
    """One or the other: ``domain.md``, C.3."""
    person_id = make_resident(session, town).person_id
    told = {"now": now, "donor_person_id": person_id}
    first = receive(session, shop, rice(shop), **told)
    chosen = receive(session, shop, rice(shop), **told, thanks="points")
    later = receive(session, shop, rice(shop), **told)
    assert (chosen.state, chosen.receipt_no, chosen.receipt_token) == ("received", None, None)
    assert [first.receipt_no, later.receipt_no] == ["S1-2025-000001", "S1-2025-000002"]
    deposit = queries.deposit(session, 1, chosen.deposit_id)
    assert (deposit.receipt_no, deposit.points, deposit.value_yuan) == (None, 60, 60)
    assert queries.code_of_receipt(session, 1, deposit) == ""
    gifts = {one.deposit_id: one for one in queries.gifts_of_person(session, 1, person_id)}
    by_points, by_receipt = gifts[chosen.deposit_id], gifts[first.deposit_id]
    assert (by_points.receipt_no, by_points.points) == (None, 60)
    assert (by_receipt.receipt_no, by_receipt.points) == (first.receipt_no, 0)


def test_announced_goods_give_points_or_a_receipt_as_they_were_announced(session, shop, town, now):
    by = make_resident(session, town)
    line = JudgedLine(shop.item("肥皂"), 4, 4)
    for thanks, is_receipt in (("points", False), ("receipt", True)):
        announced = announce(session, shop, by, now=now, thanks=thanks)
        done = receive(session, shop, line, now=now, deposit_id=announced.deposit_id)
        assert (done.receipt_no is not None, done.points > 0) == (is_receipt, not is_receipt)


def test_points_belong_to_somebody_so_an_unknown_donor_gets_a_receipt(session, shop, now):
    done = receive(session, shop, rice(shop), now=now, thanks="points")
    assert done.receipt_no == "S1-2025-000001" and (done.honour, done.points) == (0, 0)
    assert queries.deposit(session, 1, done.deposit_id).thanks == "receipt"


def test_a_firm_has_honour_of_its_own(session, shop, town, now):
    (firm,) = add_organisations(
        Deed(session, town.by, now, a_request_id()), organisations=(NewOrganisation("示范超市"),)
    ).organisation_ids
    for _ in range(2):
        receive(session, shop, rice(shop), now=now, donor_organisation_id=firm)
    assert balance_of(session, 1, "organisation", HONOUR, owner_id=firm).posted == 120
    given = queries.deposits_of(session, 1, organisation_id=firm)
    assert [one.value_yuan for one in given] == [60, 60]


def test_where_nothing_is_accepted_there_is_no_receipt_and_no_number_is_lost(session, shop, now):
    declined = receive(session, shop, rice(shop, 2, 0), now=now)
    assert (declined.state, declined.receipt_no, declined.receipt_token) == ("declined", None, None)
    first = receive(session, shop, rice(shop), now=now)
    assert first.receipt_no == "S1-2025-000001"


def test_numbers_run_without_gaps_per_store_and_year(session, shop, town, now):
    point = make_donation_point(session, town)
    keeper = make_by("keeper")
    new_year = local_instant(date(2026, 1, 1), 0, 1)
    told = [
        receive(session, shop, rice(shop), now=now, by=keeper).receipt_no,
        receive(session, shop, rice(shop), now=now, by=keeper, store_id=point).receipt_no,
        receive(session, shop, rice(shop), now=now, by=keeper).receipt_no,
        receive(session, shop, rice(shop, 1), now=new_year, by=keeper).receipt_no,
    ]
    assert told == ["S1-2025-000001", "D1-2025-000001", "S1-2025-000002", "S1-2026-000001"]


def test_a_deposit_that_fails_gives_its_number_back(fresh_database, now):
    shop = fresh_database.write(lambda session, at: make_shop(session, make_town(session)))

    def fail(session, at):
        receive(session, shop, rice(shop), now=now)
        raise KeyError("the printer burns")

    with pytest.raises(KeyError):
        fresh_database.write(fail)
    receipt = fresh_database.write(lambda session, at: receive(session, shop, rice(shop), now=now))
    assert receipt.receipt_no == "S1-2025-000001"


def test_the_same_submission_twice_is_one_deposit(fresh_database, now):
    shop = fresh_database.write(lambda session, at: make_shop(session, make_town(session)))
    told = {"store_id": shop.store_id, "lines": (rice(shop),)}
    receipts = [
        perform(
            fresh_database, actions.receive_deposit, by=shop.keeper, request_id="form-7", **told
        )
        for _ in range(2)
    ]
    assert receipts[0] == receipts[1]
    with fresh_database.reading() as session:
        assert len(session.scalars(select(deposit.c.id)).all()) == 1
        assert shelf_row(session, shop, "大米", now).on_hand == 2


def test_goods_left_at_the_kiosk_are_there_but_not_stock(session, shop, town, now, by_job):
    by = make_resident(session, town)
    at_kiosk = replace(make_by(channel="kiosk"), person_id=by.person_id)
    told = announce(session, shop, by, now=now, channel_by=at_kiosk)
    assert (told.state, told.valid_until_on) == ("brought", None)
    assert shelf_row(session, shop, "肥皂", now).on_hand == 0
    # Goods at a kiosk do not lapse.
    later = now + timedelta(days=60)
    actions.lapse_announcements(Deed(session, by_job, later, a_request_id()))
    line = JudgedLine(shop.item("肥皂"), 4, 4, announced_line=0)
    receipt = receive(session, shop, line, now=later, deposit_id=told.deposit_id)
    assert receipt.honour == 16
    assert shelf_row(session, shop, "肥皂", later).on_hand == 4


def test_a_card_that_the_kiosk_cannot_read_makes_an_anonymous_gift(session, shop, town, now):
    told = announce(
        session, shop, make_resident(session, town), now=now,
        channel_by=make_by(channel="kiosk"), donor_person_id=None,
    )  # fmt: skip
    deposit = queries.deposit(session, 1, told.deposit_id)
    assert (deposit.donor_person_id, deposit.donor_organisation_id) == (None, None)


def test_the_keeper_may_change_a_line_and_the_announcement_stays_as_told(session, shop, town, now):
    told = announce(session, shop, make_resident(session, town), now=now)
    line = JudgedLine(shop.item("毛巾"), 3, 3, announced_line=0)
    receive(session, shop, line, now=now, deposit_id=told.deposit_id)
    kept = queries.deposit(session, 1, told.deposit_id)
    assert [(one.name_zh, one.pieces) for one in kept.announced] == [("肥皂", 4)]
    assert [(one.name_zh, one.accepted) for one in kept.lines] == [("毛巾", 3)]


@pytest.mark.parametrize("days", [-1, 15])
def test_the_day_of_bringing_lies_within_the_fourteen(session, shop, town, now, days):
    bring_on = date(2025, 6, 10) + timedelta(days=days)
    with pytest.raises(BadInput) as refused:
        announce(session, shop, make_resident(session, town), now=now, bring_on=bring_on)
    assert refused.value.facts["field"] == "bring_on"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"lines": ()}, "lines"),
        ({"lines": (AnnouncedLine(None, 1),)}, "lines.0.described"),
        ({"lines": (AnnouncedLine(None, 0, described="x"),)}, "lines.0.pieces"),
        ({"lines": (AnnouncedLine(None, 1, "old", described="x"),)}, "lines.0.condition"),
        ({"lines": (AnnouncedLine(None, 1, described="x"),) * 31}, "lines"),
        ({"thanks": "both"}, "thanks"),
        ({"donor_organisation_id": 5}, "donor_organisation_id"),
    ],
)
def test_an_announcement_of_a_wrong_shape_names_its_field(session, shop, town, now, told, field):
    with pytest.raises(BadInput) as refused:
        announce(session, shop, make_resident(session, town), now=now, **told)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    "told",
    [
        {"store_id": 5},
        {"lines": (AnnouncedLine(5, 1),)},
        {"donor_person_id": 5},
        {"donor_person_id": None, "donor_organisation_id": 5},
    ],
)
def test_what_is_not_known_here_is_not_found(session, shop, town, now, told):
    by = make_resident(session, town)
    with pytest.raises(NotFound):
        announce(session, shop, by, now=now, channel_by=shop.keeper, **told)


def test_a_deposit_without_lines_or_with_strange_thanks_is_refused(session, shop, now):
    for lines, told in (((), {}), ((rice(shop),), {"thanks": "gold"})):
        with pytest.raises(BadInput):
            receive(session, shop, *lines, now=now, **told)
    for told in ({"donor_person_id": 5}, {"donor_organisation_id": 5}, {"deposit_id": 5}):
        with pytest.raises(NotFound):
            receive(session, shop, rice(shop), now=now, **told)
    with pytest.raises(NotFound):
        receive(session, shop, JudgedLine(5, 1, 1), now=now)


def test_a_resident_announces_only_for_himself(session, shop, town, now):
    by, other = make_resident(session, town), make_resident(session, town)
    for told in ({"donor_person_id": other.person_id}, {"donor_person_id": None,
                 "donor_organisation_id": 5}):  # fmt: skip
        with pytest.raises(NotAllowed):
            announce(session, shop, by, now=now, **told)
    with pytest.raises(NotAllowed):
        announce(session, shop, other, now=now, channel_by=make_by())


def test_cleaning_is_signed_once(session, shop, now):
    lot_id = make_stock(session, shop, "冬衣", 2)
    with pytest.raises(WrongState):
        actions.sign_cleaning(Deed(session, shop.keeper, now, a_request_id()), lot_id=lot_id)
    with pytest.raises(NotFound):
        actions.sign_cleaning(Deed(session, shop.keeper, now, a_request_id()), lot_id=5)


def test_what_was_swept_away_before_it_came_is_refused_kindly(session, shop, town, now, by_job):
    told = announce(session, shop, make_resident(session, town), now=now)
    late = now + timedelta(days=15)
    actions.lapse_announcements(Deed(session, by_job, late, a_request_id()))
    with pytest.raises(PreDepositLapsed):
        receive(session, shop, rice(shop), now=late, deposit_id=told.deposit_id)


def test_every_accepted_line_is_a_lot_with_an_account_of_its_own(session, shop, now):
    receipt = receive(session, shop, rice(shop, 3), rice(shop, 4, 1), now=now)
    rows = session.execute(select(lot.c.id, lot.c.account_id, lot.c.received_pieces)).all()
    assert {(row.id, row.received_pieces) for row in rows} == {
        (receipt.lines[0].lot_id, 3),
        (receipt.lines[1].lot_id, 1),
    }
    assert len({row.account_id for row in rows}) == 2


@pytest.mark.parametrize("number", [1, -1, 40_000, 2**63 - 1, 10**30])
def test_a_line_answers_only_what_was_announced_in_this_deposit(session, shop, town, now, number):
    told = announce(session, shop, make_resident(session, town), now=now)
    announce(session, shop, make_resident(session, town), now=now)
    line = replace(rice(shop), announced_line=number)
    for deposit_id in (told.deposit_id, None):
        with pytest.raises(BadInput) as refusal:
            receive(session, shop, rice(shop), line, now=now, deposit_id=deposit_id)
        assert refusal.value.facts == {"field": "lines.1.announced_line", "why": "unknown"}
    assert queries.deposit(session, 1, told.deposit_id).state == "announced"
