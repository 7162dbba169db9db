"""The kiosks of a community on one page, and a kiosk's event that waits for a review."""

from datetime import UTC, datetime

import pytest

from tests.factories.aid import make_claim, make_claimant, pick_up, take_at_counter
from tests.factories.goods import make_stock
from tests.factories.kiosks import Stand, make_device, receive
from tests.factories.looks import open_reviews
from tests.factories.people import a_request_id, make_card
from timebank.aid.actions import cancel_claim
from timebank.deeds.deed import Deed
from timebank.kiosks import queries, wire
from timebank.kiosks.actions import pair_device
from timebank.kiosks.actions.intake import receive_event
from timebank.values import to_us


def a_stand(office):
    """Add a kiosk to the shop, and give a card to a neighbour."""

    def build(session):
        now = office.database.clock()
        device, key = make_device(session, office.shop, office.staff["coordinator"], now=now)
        card = make_card(session, office.town, office.staff["resident"].person_id)
        return Stand(
            office.shop, device, key, office.staff["coordinator"], office.staff["resident"],
            card, office.services["company"],
        )  # fmt: skip

    return office.do(build)


def sent(office, item, stand):
    return office.do(receive, stand, item, now=office.database.clock())


def join(office, code):
    """Pair a kiosk by a code; return its fingerprint."""

    def work(session):
        return pair_device(
            session, community_id=office.town.community_id, now=office.database.clock(),
            code=code, public_key=wire.public_key(wire.new_key()),
        ).fingerprint  # fmt: skip

    return office.do(work)


def asked_by_coordinator(office):
    """The coordinator asks for a kiosk; their visit, and the page afterwards."""
    visit = office.enter("coordinator")
    page = visit.get("/work/kiosks/pairing")
    done = visit.press(page, "do", "ask", store_id=office.shop.store_id)
    assert done.status == 303
    return visit, visit.follow(done)


def test_two_people_join_a_kiosk_which_then_stands_on_the_page(office):
    assert "还没有自助终端" in office.enter("coordinator").get("/work/kiosks").text
    visit, page = asked_by_coordinator(office)
    assert "已经提出" in page.text and "等另一位同意" in page.text
    assert not page.has_button("do", "confirm") and not page.has_button("do", "pair")
    second = office.enter("approver")
    case = second.get("/work")
    assert "连一台自助终端" in case.text and 'href="/work/kiosks/pairing"' in case.text
    page = second.get("/work/kiosks/pairing")
    assert not page.has_button("do", "pair") and not page.has_button("do", "ask")
    after = second.follow(second.press(page, "do", "confirm"))
    assert "已经同意" in after.text and "连一台自助终端" not in second.get("/work").text
    made = visit.press(visit.get("/work/kiosks/pairing"), "do", "pair")
    assert made.status == 200 and "qr-code" in made.text
    code = made.text.split('class="code-big">')[1].split("<")[0].replace(" ", "")
    assert len(code) == 8 and code not in made.path
    fingerprint = join(office, code)
    page = visit.get("/work/kiosks")
    assert fingerprint in page.text and "正常" in page.text
    assert "提出，" in page.text and "同意" in page.text


def test_whoever_asked_is_told_that_it_takes_another(office):
    visit, page = asked_by_coordinator(office)
    form = page.form_with(("do", "withdraw"))
    for do, status, words in (
        ("confirm", 409, "要两个人经手"),
        ("pair", 409, "所以要两个人定"),
        ("ask", 409, "等另一位同意"),
    ):
        fields = dict(form.fields) | {"do": do, "request_id": a_request_id()}
        fields |= {"store_id": str(office.shop.store_id)} if do == "ask" else {}
        refused = visit.send(form, list(fields.items()))
        assert refused.status == status, do
        print(refused.text[refused.text.index("<main") :][:1500])
        assert words in refused.text, do


def test_a_second_press_asks_and_agrees_once(office):
    visit = office.enter("coordinator")
    page = visit.get("/work/kiosks/pairing")
    for _ in "ab":
        assert visit.press(page, "do", "ask", store_id=office.shop.store_id).status == 303
    second = office.enter("approver")
    page = second.get("/work/kiosks/pairing")
    for _ in "ab":
        assert second.press(page, "do", "confirm").status == 303
    with office.database.reading() as session:
        (known,) = queries.open_permits(
            session, office.town.community_id, now=office.database.clock()
        )
    assert known.confirmed_by


def test_before_a_kiosk_is_paired_one_is_asked_again_who_it_is(office):
    visit = office.enter("coordinator")
    office.database.clock.move(minutes=11)
    asked = visit.get("/work/kiosks/pairing")
    assert asked.location == "/me/account/prove?next=/work/kiosks/pairing"


def test_the_second_person_may_say_no(office):
    visit, _page = asked_by_coordinator(office)
    second = office.enter("approver")
    after = second.follow(second.press(second.get("/work/kiosks/pairing"), "do", "withdraw"))
    assert "已经收回" in after.text and "没有等您同意的终端" in after.text
    page = visit.get("/work/kiosks/pairing")
    assert not page.has_button("do", "pair") and page.has_button("do", "ask")


def test_a_lost_kiosk_is_taken_out_of_service_by_the_coordinator(office):
    stand = a_stand(office)
    visit = office.enter("coordinator")
    page = visit.get("/work/kiosks")
    done = visit.press(page, "do", "revoke", why="丢了")
    assert done.status == 303
    after = visit.follow(done)
    assert "已停用" in after.text and not after.has_button("do", "revoke")
    with office.database.reading() as session:
        known = queries.device_of(session, office.town.community_id, stand.device.device_id)
    assert known.state == "revoked"


def test_a_keeper_sees_the_kiosks_and_changes_none(office):
    a_stand(office)
    visit = office.enter("keeper")
    page = visit.get("/work/kiosks")
    assert page.status == 200 and "正常" in page.text
    assert not page.has_button("do", "revoke") and "连一台新的" not in page.text
    assert visit.get("/work/kiosks/pairing").status == 403
    token = {"csrf_token": visit.get("/work/people").value("csrf_token"), "request_id": "x"}
    for do in ("revoke", "thaw"):
        told = {"do": do, "device_id": "1", **token}
        assert visit.client.post("/work/kiosks", data=told).status_code in (200, 403, 422)
    for do in ("ask", "confirm", "withdraw", "pair"):
        told = {"do": do, "permit_id": "1", "store_id": str(office.shop.store_id), **token}
        assert visit.client.post("/work/kiosks/pairing", data=told).status_code == 403
    with office.database.reading() as session:
        (known,) = queries.devices(session, office.town.community_id)
    assert known.state == "active"


def test_an_odd_device_or_store_is_no_fault(office):
    a_stand(office)
    visit = office.enter("coordinator")
    page = visit.get("/work/kiosks")
    asker, pairing = asked_by_coordinator(office)
    for odd in ("", "x", "9" * 40, "-1", "0"):
        assert visit.press(page, "do", "revoke", device_id=odd).status in (303, 404, 409, 422)
        form = pairing.form_with(("do", "withdraw"))
        odd_fields = [("permit_id", odd), ("store_id", odd)]
        kept = [(name, value) for name, value in form.fields if not name.endswith("_id")]
        for do in ("ask", "confirm", "withdraw", "pair"):
            sent = [*kept, *odd_fields, ("request_id", a_request_id()), ("do", do)]
            assert asker.send(form, sent).status in (404, 409, 422), (odd, do)


def test_what_a_kiosk_could_not_post_waits_with_its_reason(office):
    stand = a_stand(office)
    told = wire.ShiftStarted(office.services["company"])  # By somebody who is no volunteer.
    assert sent(office, stand.deed(told, at=office.database.clock()), stand).outcome == "review"
    visit = office.enter("keeper")
    page = visit.get("/work")
    assert "终端复核" in page.text and "还没有登记为志愿者" in page.text
    assert "签到" in page.text
    silent = visit.press(page, "do", "keep", note="")
    assert silent.status == 422 and 'href="#note"' in silent.text
    refused = visit.press(silent, "do", "post", note="试试")
    assert refused.status == 409 and refused.value("note") == "试试"
    done = visit.press(refused, "do", "keep", note="他以为自己登记过")
    assert done.status == 303
    assert "终端复核" not in visit.follow(done).text
    with office.database.reading() as session:
        assert open_reviews(session, office.staff["keeper"]) == []


def test_a_kiosks_review_is_not_for_an_approver(office):
    stand = a_stand(office)
    told = wire.ShiftStarted(office.services["company"])
    sent(office, stand.deed(told, at=office.database.clock()), stand)
    assert "终端复核" not in office.enter("approver").get("/work").text
    assert "终端复核" in office.enter("coordinator").get("/work").text


def fetched_untold(office, *, elsewhere):
    """A pick-up by code whose claim is cancelled before the kiosk reports it."""
    stand = a_stand(office)
    at = office.database.clock()

    def build(session):
        make_stock(session, office.shop, "洗衣液", 2)
        by, other = (make_claimant(session, office.town) for _ in "ab")
        claimed = make_claim(session, office.shop, by, now=at, 洗衣液=2)
        cancel_claim(Deed(session, by, at, a_request_id()), claim_id=claimed.claim_id)
        if elsewhere:
            take_at_counter(session, office.shop, other, now=at, 洗衣液=1)
        return claimed

    claimed = office.do(build)
    told = wire.PickupCompleted(claimed.claim_id, claimed.pickup_code)
    assert sent(office, stand.deed(told, at=at, actor=None), stand).outcome == "review"
    return claimed


def test_goods_that_were_taken_are_booked_and_what_lacks_is_said(office):
    claimed = fetched_untold(office, elsewhere=True)
    visit = office.enter("keeper")
    page = visit.get("/work")
    assert "东西已经取走，申领却取消了" in page.text and claimed.claim_no in page.text
    assert "账上缺 1 件" in page.text and "这一批里缺 1 瓶" in page.text
    after = visit.follow(visit.press(page, "do", "post"))
    assert "已照实入账。账上缺 1 件，已列为差额" in after.text and "终端复核" not in after.text
    desk = office.enter("coordinator").get("/work")
    assert "差额 · 1 件" in desk.text and "货架上的一批" in desk.text and "洗衣液" in desk.text


def test_goods_that_were_taken_and_lack_nothing_leave_nothing_to_settle(office):
    fetched_untold(office, elsewhere=False)
    visit = office.enter("keeper")
    page = visit.get("/work")
    assert "从这一批里扣" in page.text and "算进额度" in page.text
    after = visit.follow(visit.press(page, "do", "post"))
    assert "已处理，这一笔不再等人" in after.text
    assert "差额" not in office.enter("coordinator").get("/work").text


def test_what_was_handed_over_already_may_only_be_kept(office):
    stand, at = a_stand(office), office.database.clock()

    def build(session):
        make_stock(session, office.shop, "洗衣液", 2)
        claimed = make_claim(
            session, office.shop, make_claimant(session, office.town), now=at, 洗衣液=2
        )
        pick_up(session, office.shop, claimed, now=at)
        return claimed

    claimed = office.do(build)
    told = wire.PickupCompleted(claimed.claim_id, claimed.pickup_code)
    sent(office, stand.deed(told, at=at, actor=None), stand)
    page = office.enter("keeper").get("/work")
    assert "这一份不能再入账" in page.text
    assert page.has_button("do", "keep") and not page.has_button("do", "post")


def test_a_pick_up_that_names_no_claim_is_shown_as_it_is(office):
    stand, at = a_stand(office), office.database.clock()
    sent(office, stand.deed(wire.PickupCompleted(5, "123456"), at=at, actor=None), stand)
    page = office.enter("keeper").get("/work")
    assert "领取物品" in page.text and page.has_button("do", "keep")


@pytest.mark.parametrize("is_counted", [True, False])
def test_an_implausible_time_is_shown_with_the_one_that_posting_would_enter(office, is_counted):
    stand = a_stand(office)
    now, long_ago = office.database.clock(), datetime(2015, 6, 10, 2, 0, tzinfo=UTC)
    envelope = stand.envelope(
        wire.ShiftStarted(stand.service_id), at=long_ago, monotonic_ms=0,
        boot_id="boot" if is_counted else "an earlier start",
    )  # fmt: skip
    office.do(
        lambda session: receive_event(
            session, now=now, sender=stand.device, item=stand.item(envelope),
            sent_at=to_us(now), run=("boot", 30_000),
        )
    )  # fmt: skip
    visit = office.enter("coordinator")
    page = visit.get("/work")
    assert "终端写的时间不可信" in page.text and "那时这台终端还没有配对" in page.text
    assert "2015年6月10日 星期三 10:00" in page.text
    assert ("推算不出来" in page.text) is not is_counted
    assert ("只留记录，不入账" in page.text, "照实入账</" in page.text) == (True, is_counted)
