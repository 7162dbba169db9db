"""The worklist: the queue, the case beside it, and its buttons."""

from datetime import date

import pytest

from tests.factories.aid import make_claim, make_claimant, make_resident
from tests.factories.goods import make_stock
from tests.factories.hours import make_neighbour, make_volunteer
from tests.factories.people import a_request_id, make_card
from timebank.aid.actions import ask_for_person
from timebank.aid.queries import claim as claim_of
from timebank.deeds.deed import Deed
from timebank.desk.queries import COUNTED_MAX, ROWS_A_PAGE
from timebank.hours.actions import NewRecord, check_in, enter_records
from timebank.hours.queries import record as record_of
from timebank.values import local_instant
from web.desk.words import count_word

ON = date(2025, 6, 9)
HOSTILE = [
    "record-99999999999999999999999", "record--1", "record-", "x-1", "record-1e9", "-", "review-0",
    "pickup-9223372036854775807", "pickup-9223372036854775808", "%00", "kiosk-１２",
]  # fmt: skip


def a_record(office, *, start=9, minutes=170, service="company"):
    """A record of a new volunteer who helped a new neighbour; return its id."""

    def build(session):
        helper = make_volunteer(session, office.town)
        helped = make_neighbour(session, office.town, building=1)
        new = NewRecord(
            helper.person_id, office.services[service],
            local_instant(ON, start, 0), local_instant(ON, start + minutes // 60, minutes % 60),
            recipient_person_id=helped.person_id, place="2号楼",
        )  # fmt: skip
        now = office.database.clock()
        entered = enter_records(Deed(session, helper, now, a_request_id()), records=(new,))
        return entered.record_ids[0]

    return office.do(build)


def a_pickup(office, pieces=2):
    """Reserve goods for a new claimant; return the receipt, and the claimant."""

    def build(session):
        now = office.database.clock()
        by = make_claimant(session, office.town)
        make_stock(session, office.shop, "毛巾", pieces, now=now)
        return make_claim(session, office.shop, by, now=now, 毛巾=pieces), by

    return office.do(build)


def a_review(office, asked_pieces=3):
    """Claim without a paper, be refused, and ask for a review; return the claim's id."""

    def build(session):
        now = office.database.clock()
        by = make_resident(session, office.town)
        make_stock(session, office.shop, "大米", 5, now=now, best_before_on=date(2025, 12, 30))
        asked = make_claim(session, office.shop, by, now=now, 大米=asked_pieces)
        ask_for_person(Deed(session, by, now, a_request_id()), claim_id=asked.claim_id)
        return asked.claim_id

    return office.do(build)


def state_of(office, read, id_):
    with office.database.reading() as session:
        return read(session, office.town.community_id, id_).state


def test_hours_are_confirmed_beside_the_queue(office):
    record_id = a_record(office)
    visit = office.enter("social_worker")
    page = visit.get("/work")
    assert "确认 2 小时 50 分" in page.text and "陪伴" in page.text
    answer = visit.press(page, "do", "confirm")
    assert answer.status == 303
    after = visit.follow(answer)
    assert "已确认" in after.text and "现在没有等您办的事" in after.text
    assert state_of(office, record_of, record_id) == "entered"  # The recipient has yet to speak.


def test_the_recipients_word_is_written_down_and_another_confirms(office):
    record_id = a_record(office)
    visit = office.enter("social_worker")
    assert visit.press(visit.get("/work"), "do", "word").status == 303
    assert not visit.get("/work").has_button("do", "confirm")
    other = office.enter("coordinator")
    page = other.get("/work")
    assert not page.has_button("do", "word")
    other.press(page, "do", "confirm")
    assert state_of(office, record_of, record_id) == "credited"


def test_sending_hours_back_needs_a_reason_and_keeps_what_was_typed(office):
    record_id = a_record(office)
    visit = office.enter("social_worker")
    page = visit.get("/work")
    first = page.value("request_id")
    answer = visit.press(page, "do", "refuse", reason="  ")
    assert answer.status == 422 and 'href="#reason"' in answer.text
    assert answer.value("request_id") != first
    done = visit.press(answer, "do", "refuse", reason="那天她住院了")
    assert done.status == 303
    assert state_of(office, record_of, record_id) == "refused"


def test_a_reason_that_is_too_long_comes_back_whole(office):
    a_record(office)
    visit = office.enter("social_worker")
    answer = visit.press(visit.get("/work"), "do", "refuse", reason="长" * 401)
    assert answer.status == 422 and answer.value("reason") == "长" * 401


def test_a_double_press_confirms_once(office):
    a_record(office)
    visit = office.enter("social_worker")
    page = visit.get("/work")
    assert visit.press(page, "do", "confirm").status == 303
    assert visit.press(page, "do", "confirm").status == 303


def test_a_case_that_a_colleague_settled_says_so(office):
    a_record(office)
    mine, other = office.enter("social_worker"), office.enter("coordinator")
    page = mine.get("/work")
    other.press(other.get("/work"), "do", "refuse", reason="重复登记")
    answer = mine.press(page, "do", "confirm")
    assert answer.status == 409
    assert "不能再这样办理" in answer.text and "这一件已经不在您的待办里" in answer.text


def test_a_review_shows_why_and_where_it_would_come_from(office):
    a_review(office)
    page = office.enter("approver").get("/work")
    assert "申领 3 件：大米" in page.text
    for word in ("以下各项全部满足", "不符合", "decision-no", "decision-yes", "2025年12月30日到期"):
        assert word in page.text
    visit = office.enter("approver")
    visit.get("/language/en")
    english = visit.get("/work").text
    assert "All of these hold" in english and "Not met" in english


@pytest.mark.parametrize(("do", "state"), [("approve", "ready"), ("refuse", "refused")])
def test_a_person_decides_with_a_reason(office, do, state):
    claim_id = a_review(office)
    visit = office.enter("approver")
    empty = visit.press(visit.get("/work"), "do", do, reason="")
    assert empty.status == 422 and 'href="#reason"' in empty.text
    assert visit.press(empty, "do", do, reason="家里失火，先发").status == 303
    assert state_of(office, claim_of, claim_id) == state


def test_goods_are_handed_over_by_code_or_by_card(office):
    first, _ = a_pickup(office)
    visit = office.enter("keeper")
    page = visit.get(f"/work?case=pickup-{first.claim_id}")
    wrong = visit.press(page, "do", "hand_over", pickup_code="000000")
    assert wrong.status == 409 and "没有对上" in wrong.text
    assert wrong.value("pickup_code") == "000000"
    assert visit.press(wrong, "do", "hand_over", pickup_code=first.pickup_code).status == 303
    assert state_of(office, claim_of, first.claim_id) == "issued"

    second, by = a_pickup(office)
    card = office.do(make_card, office.town, by.person_id)
    page = visit.get(f"/work?case=pickup-{second.claim_id}")
    assert visit.press(page, "do", "hand_over", pickup_code=card.token).status == 303
    assert state_of(office, claim_of, second.claim_id) == "issued"


def test_a_keeper_reads_no_papers_beside_a_pick_up(office):
    a_pickup(office)
    page = office.enter("keeper").get("/work")
    assert "交给他" in page.text and "毛巾" in page.text
    assert "低保" not in page.text and "decision-node" not in page.text


def test_a_lot_is_signed_for(office):
    now = office.database.clock()
    office.do(make_stock, office.shop, "冬衣", 2, now=now, cleaned=False)
    visit = office.enter("keeper")
    page = visit.get("/work?kind=cleaning")
    assert "冬衣" in page.text
    done = visit.follow(visit.press(page, "do", "sign"))
    assert "已签字" in done.text and "冬衣" not in done.text


def test_the_end_of_a_forgotten_shift_is_proposed(office, clock):
    by = office.do(make_volunteer, office.town)

    def begin(session):
        return check_in(
            Deed(session, by, clock.now, a_request_id()),
            person_id=by.person_id,
            service_id=office.services["company"],
        ).record_id

    record_id = office.do(begin)
    clock.move(hours=20)
    visit = office.enter("social_worker")
    page = visit.get("/work")
    assert "忘了签退" in page.text
    for day, clock_time in (
        ("", ""), ("not a day", "12:00"), ("0001-01-01", "0:00"), ("9999-12-31", "23:59"),
        ("2025-06-10", ""), ("2025-06-10", "24:01"),
    ):  # fmt: skip
        answer = visit.press(page, "do", "propose", ended_on=day, ends=clock_time, note="问过")
        assert answer.status == 422, (day, clock_time)
        assert answer.value("note") == "问过"
    for day, clock_time in (("2025-06-01", "9:00"), ("2025-06-11", "23:59")):  # The rules refuse.
        answer = visit.press(answer, "do", "propose", ended_on=day, ends=clock_time, note="问过")
        assert answer.status == 422 and 'href="#ends"' in answer.text, day
    good = {"ended_on": "2025-06-10", "ends": "12:00", "note": "打电话问过"}
    assert visit.press(answer, "do", "propose", **good).status == 303
    assert state_of(office, record_of, record_id) == "proposed"


def test_a_shift_that_ended_at_midnight_is_told_as_24_00(office, clock):
    by = office.do(make_volunteer, office.town)
    clock.move(hours=5)

    def begin(session):
        return check_in(
            Deed(session, by, clock.now, a_request_id()),
            person_id=by.person_id,
            service_id=office.services["company"],
        ).record_id

    record_id = office.do(begin)
    clock.move(hours=20)
    visit = office.enter("social_worker")
    told = {"ended_on": "2025-06-10", "ends": "２４：００", "note": "打电话问过"}
    assert visit.press(visit.get("/work"), "do", "propose", **told).status == 303
    with office.database.reading() as session:
        ended_at = record_of(session, office.town.community_id, record_id).ended_at
    assert ended_at == local_instant(date(2025, 6, 11))


def test_after_a_deed_the_next_case_is_open_and_never_the_first_again(office):
    """The second of three is done: the third opens; then the one that is left."""
    ids = many_records(office, 3)
    visit = office.enter("social_worker")
    page = visit.get(f"/work?case=record-{ids[1]}")
    done = visit.press(page, "do", "confirm")
    assert done.location == f"/work?case=record-{ids[2]}"
    last = visit.press(visit.follow(done), "do", "confirm")
    assert last.location == f"/work?case=record-{ids[0]}"
    assert visit.press(visit.follow(last), "do", "confirm").location == "/work"


def test_each_row_says_which_of_its_days_is_which(office):
    a_record(office)
    page = office.enter("social_worker").get("/work")
    assert "期限 " in page.text and "来的</span>" in page.text


@pytest.mark.parametrize("case", HOSTILE)
def test_a_name_of_no_case_is_no_fault(office, case):
    a_record(office)
    visit = office.enter("social_worker")
    # A NUL is refused before any page handles it.
    is_nul = case == "%00"
    assert visit.get(f"/work?case={case}").status in ((400,) if is_nul else (200, 404))
    assert visit.get(f"/work?kind={case}").status == (400 if is_nul else 200)
    token = visit.get("/work").value("csrf_token")
    answer = visit.client.post(f"/work?case={case}", data={"csrf_token": token, "do": "confirm"})
    assert answer.status_code < 500


def test_an_unknown_button_does_nothing(office):
    record_id = a_record(office)
    visit = office.enter("social_worker")
    form = visit.get("/work").form_with(("do", "confirm"))
    answer = visit.send(form, [*form.fields, ("do", "explode")])
    assert answer.status == 422
    assert state_of(office, record_of, record_id) == "entered"


def test_on_a_phone_the_queue_and_the_case_are_two_screens(office):
    record_id = a_record(office)
    visit = office.enter("social_worker")
    assert "desk-shut" in visit.get("/work").text
    opened = visit.get(f"/work?case=record-{record_id}").text
    assert "desk-open" in opened and "回到待办" in opened


def test_who_is_no_staff_is_kept_out(office):
    assert office.enter("resident").get("/work").status == 403


def test_a_page_sends_at_most_twelve_statements_however_much_waits(office):
    visits = {name: office.enter(name) for name in ("social_worker", "approver", "keeper")}

    def fill():
        for start in (9, 13):
            a_record(office, start=start)
        a_pickup(office)
        a_review(office)
        office.do(make_stock, office.shop, "冬衣", 1, now=office.database.clock(), cleaned=False)

    def count():
        sent = {}
        for name, visit in visits.items():
            for path in ("/work", "/work?kind=review", "/work?kind=pickup", "/work?kind=record"):
                with office.statements() as told:
                    assert visit.get(path).status == 200
                sent[name, path] = len(told)
        return sent

    fill()
    count()  # The first reader of a server learns the community's name.
    once = count()
    fill()
    assert count() == once
    assert max(once.values()) <= 12, once


def many_records(office, count):
    """Records of one volunteer, a few minutes each; the ids in the order of the list."""

    def build(session):
        helper = make_volunteer(session, office.town)
        helped = make_neighbour(session, office.town, building=1)
        new = tuple(
            NewRecord(
                helper.person_id, office.services["company"],
                local_instant(ON, 9 + at // 12, at % 12 * 5),
                local_instant(ON, 9 + at // 12, at % 12 * 5 + 4),
                recipient_person_id=helped.person_id, place="2号楼",
            )
            for at in range(count)
        )  # fmt: skip
        now = office.database.clock()
        return enter_records(Deed(session, helper, now, a_request_id()), records=new).record_ids

    return sorted(office.do(build))


def test_a_long_list_has_pages_and_a_deed_leads_back_to_its_page(office):
    ids = many_records(office, ROWS_A_PAGE + 1)
    visit = office.enter("social_worker")
    first = visit.get("/work")
    assert f"待办 {len(ids)}" in first.text and "第 1 页" in first.text
    assert 'href="/work?page=2" rel="next"' in first.text
    assert 'rel="prev"' not in first.text
    second = visit.get("/work?page=2")
    assert first.text.count('class="queue-what"') == ROWS_A_PAGE
    assert second.text.count('class="queue-what"') == 1
    assert f'href="/work?page=2&amp;case=record-{ids[-1]}"' in second.text
    assert 'href="/work" rel="prev"' in second.text and 'rel="next"' not in second.text
    opened = visit.get(f"/work?page=2&case=record-{ids[-1]}")
    assert 'class="back-link" href="/work?page=2"' in opened.text
    answer = visit.press(opened, "do", "confirm")
    assert (answer.status, answer.location) == (303, "/work?page=2")
    # It was the last case of that page: the list goes on at its beginning.
    after = visit.get("/work?page=2")
    assert (after.status, after.location) == (303, "/work")
    assert 'class="page-turn"' not in visit.get("/work").text


def test_a_filter_stays_while_the_pages_are_turned(office):
    many_records(office, ROWS_A_PAGE + 1)
    visit = office.enter("social_worker")
    page = visit.get("/work?kind=record")
    assert 'href="/work?kind=record&amp;page=2" rel="next"' in page.text
    assert "一起确认" in page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e9", "99999999999999999999"])
def test_a_number_of_no_page_is_the_first_page(office, page):
    a_record(office)
    assert "第 1 页" not in (found := office.enter("social_worker").get(f"/work?page={page}")).text
    assert found.status == 200


def test_a_count_that_ended_at_its_limit_says_so():
    assert count_word([3, 4]) == "7"
    assert count_word([COUNTED_MAX]) == "99+"
    assert count_word([COUNTED_MAX, 12]) == "111+"
