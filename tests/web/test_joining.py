"""Joining on the pages: everybody registers, a slip opens nothing to others, staff complete it."""

from datetime import timedelta

import pytest

from tests.factories.office import Visit
from tests.web.test_sheets import rows, taken
from timebank.joining.queries import offered_services, waiting_list
from timebank.joining.rules import BROWSER_MAX

TYPED = {"name": "覃小满", "birth_on": "1958年5月21日", "phone": "100 9999 0201", "agrees": "y"}


def form_of(page, action):
    return next(one for one in page.forms if one.action.startswith(action))


def fill(visit, page, action="/join", **told):
    form = form_of(page, action)
    kept = [pair for pair in form.fields if pair[0] not in told]
    return visit.send(form, [*kept, *((name, value) for name, value in told.items() if value)])


@pytest.fixture
def guest(office):
    return Visit(office.app)


@pytest.fixture
def join(office, guest):
    """Fill in the page of a guest; an empty value is not sent."""

    def filled(**changed):
        building = {"building_id": str(office.town.building_ids[0])}
        return fill(guest, guest.get("/join"), **{**building, **TYPED, **changed})

    return filled


def waiting(office, name="social_worker"):
    with office.database.reading() as session:
        return waiting_list(session, office.staff[name], now=office.database.clock())


def test_a_guest_registers_gets_a_slip_and_a_second_press_gives_the_same(office, guest):
    page = guest.get("/join")
    assert page.text.index("谁在收") < page.text.index('name="name"')  # The notice comes first.
    told = {**TYPED, "building_id": str(office.town.building_ids[0])}
    first, second = fill(guest, page, **told), fill(guest, page, **told)
    assert first.status == second.status == 303
    (one,) = waiting(office)
    slip = guest.get("/join/slip").text
    assert one.registration_no[:4] in slip and "覃小满" not in slip and "<svg" in slip


def test_a_slip_is_seen_only_in_the_browser_that_registered(office, join):
    join()
    other = Visit(office.app).get("/join/slip")
    assert other.status == 303 and other.location.endswith("/join")


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(office, join):
    page = join(birth_on="1958-13-41", phone="")
    assert page.status == 422 and 'id="birth_on-error"' in page.text
    assert page.value("name") == "覃小满"
    for name, said in (("phone", "请填写"), ("agrees", "同意了再打勾"), ("building_id", "请选择")):
        page = join(**{name: ""})
        assert page.status == 422 and f'id="{name}-error"' in page.text and said in page.text
    page = join(name="", phone="", building_id="")
    for name in ("name", "phone", "building_id"):
        assert f'id="{name}-error"' in page.text
    assert waiting(office) == []


def test_a_guardian_is_asked_for_only_under_18(office, guest, join):
    assert "监护人姓名" not in guest.get("/join").text
    page = join(birth_on="2012-09-01")
    assert page.status == 422 and 'id="guardian_name-error"' in page.text
    done = fill(
        guest, page, guardian_name="覃大满", guardian_phone="10099990301", guardian_agrees="y"
    )
    assert done.status == 303 and waiting(office)[0].guardian_name == "覃大满"


def test_a_browser_that_floods_writes_nothing_more(office, join):
    for _ in range(BROWSER_MAX):
        assert join().status == 303
    with office.statements() as sent:
        page = join()
    assert page.status == 429 and page.value("name") == "覃小满"
    assert not [one for one in sent if one.startswith("INSERT")]


def test_the_state_needs_number_and_birthday_and_says_the_same_to_all_others(office, guest, join):
    join()
    (one,) = waiting(office)

    def asked(number, birth_on):
        return fill(guest, guest.get("/join/state"), "/join/state", registration_no=number,
                    birth_on=birth_on)  # fmt: skip

    assert "等您带证件来柜台" in asked(one.registration_no, "19580521").text
    wrong = [asked(one.registration_no, "1958-05-22"), asked("12345678", "1958-05-21")]
    assert {page.status for page in wrong} == {403}
    assert len({page.text.split("<form")[0] for page in wrong}) == 1
    assert asked("123", "1958-05-21").status == 422


def test_whoever_registered_withdraws_it(office, guest, join):
    join()
    (one,) = waiting(office)
    told = {"registration_no": one.registration_no, "birth_on": "1958-05-21"}
    page = fill(guest, guest.get("/join/state"), "/join/state", **told)
    assert guest.press(page, "do", "withdraw").status == 303
    assert waiting(office) == []


def test_birthdays_are_not_tried_out_for_ever(office, guest, join):
    join()
    (one,) = waiting(office)
    statuses = []
    for day in range(1, 13):
        told = {"registration_no": one.registration_no, "birth_on": f"1958-06-{day}"}
        statuses.append(fill(guest, guest.get("/join/state"), "/join/state", **told).status)
    assert statuses[0] == 403 and statuses[-1] == 429


def test_the_counter_finds_it_by_its_number_and_enrols_with_the_fields_filled(office, join):
    service = str(next(iter(office.services.values())))
    join(is_volunteer="y", service_ids=service, times="weekday_morning")
    (one,) = waiting(office)
    worker = office.enter("social_worker")
    listed = worker.get("/work/registrations")
    assert "覃**" in listed.text and "覃小满" not in listed.text
    found = fill(worker, listed, "/work/registrations", registration_no=one.registration_no)
    case = worker.follow(found)
    assert "覃小满" in case.text and "平日上午" in case.text
    page = worker.get(f"/work/registrations/{one.id}/enrol")
    assert page.value("members-0-name") == "覃小满" and page.value("phone") == "10099990201"
    done = fill(worker, page, f"/work/registrations/{one.id}/enrol", door="302", consents="y")
    ready = worker.follow(done)
    assert "志愿者 V-" in ready.text and waiting(office) == []
    with office.database.reading() as session:
        (offer,) = offered_services(session, office.town.community_id)
    assert offer.times == ("weekday_morning",)
    assert "覃小满" in worker.get("/work/offers").text
    assert worker.get(f"/work/registrations/{one.id}").status == 404


def test_the_counter_is_warned_and_ends_what_needs_no_enrolment(office, join):
    join()
    join()
    one, other = waiting(office)
    worker = office.enter("social_worker")
    case = worker.get(f"/work/registrations/{one.id}")
    assert "可能是同一个人报了两次" in case.text
    assert worker.press(case, "do", "end").status == 422
    case = worker.get(f"/work/registrations/{one.id}")
    assert worker.press(case, "do", "end", end_why="not_coming").status == 303
    assert [left.id for left in waiting(office)] == [other.id]


def test_a_minor_who_wants_to_help_comes_with_the_row_of_the_consent(office, join):
    join(birth_on="2012-09-01", guardian_name="覃大满", guardian_phone="10099990301",
         guardian_agrees="y", is_volunteer="y")  # fmt: skip
    (one,) = waiting(office)
    page = office.enter("social_worker").get(f"/work/registrations/{one.id}/enrol")
    names = [page.value(f"members-{row}-name") for row in (0, 1)]
    assert names == ["覃大满", "覃小满"] and page.value("papers-0-kind") == "guardian_consent"


def test_after_its_last_day_nobody_reaches_it(office, clock, join):
    join()
    (one,) = waiting(office)
    clock.now += timedelta(days=31)
    worker = office.enter("social_worker")
    assert worker.get(f"/work/registrations/{one.id}").status == 404
    assert waiting(office) == []


def test_the_file_of_registrations_masks_names_as_the_page_does(office, join):
    join()
    lines = rows(taken(office.enter("social_worker"), "/work/sheets/registrations"))
    assert [row[1] for row in lines[1:]] == ["覃**"] and "100 9999 0201" not in str(lines)
