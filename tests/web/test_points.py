"""The points of a donor: on their passbook with the source, and no receipt beside them."""

from datetime import date

from sqlalchemy import update

from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.goods.actions import announce_deposit, receive_deposit
from timebank.goods.queries import deposit
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.goods.tables import deposit as deposit_table


def announced(village, session, now, thanks="points"):
    by = village.sample.people["donor"]
    return announce_deposit(
        Deed(session, by, now, a_request_id()), store_id=village.sample.shop.store_id,
        lines=(AnnouncedLine(village.sample.shop.item("大米"), 3),),
        donor_person_id=by.person_id, thanks=thanks,
    ).deposit_id  # fmt: skip


def received(village, thanks="points"):
    def work(session, now):
        shop = village.sample.shop
        deposit_id = announced(village, session, now, thanks)
        line = JudgedLine(shop.item("大米"), 3, 3, best_before_on=date(2026, 3, 1))
        return receive_deposit(
            Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id,
            lines=(line,), deposit_id=deposit_id,
        )  # fmt: skip

    return village.database.write(work)


def test_the_passbook_shows_points_with_their_deposit_rate_and_day(village):
    done = received(village)
    assert (done.points, done.receipt_no) == (90, None)
    page = village.see("donor", "/me/")
    assert "<dt>积分</dt><dd>90</dd>" in page.text
    assert "记 90 积分（参考价值每 1 元记 1 分）" in page.text
    one = village.see("donor", f"/me/deposit/{done.deposit_id}")
    assert "收物凭条" in one.text and "物品收据" not in one.text
    assert "2025年6月10日" in one.text and "参考价值是 90 元，每 1 元记 1 分" in one.text
    assert "90 积分" in village.see("donor", "/me/deposit").text


def test_a_past_passbook_has_the_points_of_its_day(village):
    received(village)
    village.clock.move(days=2)
    assert "<dt>积分</dt><dd>90</dd>" in village.see("donor", "/me/?on=2025-06-11").text
    assert "<dt>积分</dt>" not in village.see("donor", "/me/?on=2025-06-09").text


def test_whoever_chose_a_receipt_has_no_points_anywhere(village):
    done = received(village, "receipt")
    assert done.points == 0 and done.receipt_no
    for path in ("/me/", f"/me/deposit/{done.deposit_id}", "/me/deposit"):
        assert "积分" not in village.see("donor", path).text, path
    assert "参考价值" in village.see("donor", f"/me/deposit/{done.deposit_id}").text


def test_what_waits_for_the_keeper_promises_what_was_chosen(village):
    for thanks, told in (("points", "积分就会记进您的存折"), ("receipt", "收据就会出现在这里")):
        by_kiosk = village.database.write(
            lambda session, now, thanks=thanks: _brought(village, session, now, thanks)
        )
        assert told in village.see("donor", f"/me/deposit/{by_kiosk}").text


def _brought(village, session, now, thanks):
    deposit_id = announced(village, session, now, thanks)
    session.execute(
        update(deposit_table).where(deposit_table.c.id == deposit_id).values(state="brought")
    )
    return deposit_id


def test_a_receipt_that_was_given_with_points_before_is_still_found(village):
    """Older versions gave both: the paper is out, and its number is looked up as before."""
    found = village.ask(deposit, village.sample.cases["received"])

    def as_before(session, _now):
        session.execute(
            update(deposit_table).where(deposit_table.c.id == found.id).values(thanks="points")
        )

    village.database.write(as_before)
    assert found.receipt_no in village.see("", f"/receipt?no={found.receipt_no}").text
    page = village.see("donor", f"/me/deposit/{found.id}")
    assert found.receipt_no in page.text and "物品收据" not in page.text
