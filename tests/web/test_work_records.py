"""Hours at the desk: confirm many at once, and enter service afterwards."""

import pytest

from tests.factories.hours import make_neighbour, make_volunteer
from tests.factories.people import make_household, new_person
from tests.web.test_work_worklist import a_record
from timebank.hours.queries import record, records_of_person

DAY = {"served_on": "2025-06-09", "starts": "09:00", "ends": "11:30", "place": "11 号楼"}


def test_ticked_hours_are_confirmed_together_and_the_rest_waits(office):
    ids = [a_record(office, start=9), a_record(office, start=12), a_record(office, start=15)]
    visit = office.enter("social_worker")
    assert "一起确认" in visit.get("/work?kind=record").text
    page = visit.get("/work/records")
    form = page.forms[-1]
    assert {value for name, value in form.fields if name == "record_id"} == {str(i) for i in ids}
    fields = [p for p in form.fields if p != ("record_id", str(ids[2]))]
    done = visit.send(form, fields)
    assert done.status == 303 and "已确认 2 条" in visit.follow(done).text
    left = visit.get("/work/records").forms[-1].fields
    assert [value for name, value in left if name == "record_id"] == [str(ids[2])]


def test_one_service_is_chosen_over_all_pages(office, monkeypatch):
    monkeypatch.setattr("web.hours.work.RECORDS_A_PAGE", 2)
    for hour in (8, 10, 12, 14):
        a_record(office, start=hour, minutes=60)
    cleaning = a_record(office, start=16, minutes=60, service="cleaning")
    visit, services = office.enter("social_worker"), office.services
    first = visit.get("/work/records")
    assert f"service={services['cleaning']}" in first.text, "a service of a later page is offered"
    chosen = visit.get(f"/work/records?service={services['cleaning']}")
    ids = [value for name, value in chosen.forms[-1].fields if name == "record_id"]
    assert ids == [str(cleaning)]
    company = visit.get(f"/work/records?service={services['company']}")
    assert len([1 for name, _ in company.forms[-1].fields if name == "record_id"]) == 2
    assert "after=" in company.text and str(cleaning) not in company.text


@pytest.mark.parametrize("ids", [[], ["x"], ["9" * 40], ["0"], ["-1"]])
def test_no_record_or_an_odd_one_is_refused_beside_the_list(office, ids):
    a_record(office)
    visit = office.enter("social_worker")
    form = visit.get("/work/records").forms[-1]
    fields = [p for p in form.fields if p[0] != "record_id"]
    answer = visit.send(form, [*fields, *(("record_id", one) for one in ids)])
    assert answer.status in (404, 422)


def people(office):
    def build(session):
        helper = make_volunteer(session, office.town)
        helped = make_neighbour(session, office.town, building=1)
        return helper, helped

    return office.do(build)


def test_a_service_is_entered_for_a_volunteer(office):
    helper, helped = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    told = {"recipient__person_id": helped.person_id, **DAY}
    done = visit.press(page, "save", **told)
    assert done.status == 303 and "已登记" in visit.follow(done).text
    with office.database.reading() as session:
        (found,) = records_of_person(session, office.town.community_id, helper.person_id)
    assert (found.real_minutes, found.place, found.state) == (150, "11 号楼", "entered")
    assert found.recipient_person_id == helped.person_id


def test_a_person_is_found_by_typing_and_kept_while_the_rest_is_filled_in(office):
    helper, _ = people(office)
    office.do(make_household, office.town, new_person("黄丁一"), new_person("黄丁二"))
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    several = visit.press(page, "find", "recipient", recipient__text="hd", **DAY)
    assert several.status == 200 and "黄丁一" in several.text and "黄丁二" in several.text
    assert several.value("place") == "11 号楼"
    assert several.value("helper-person_id") == str(helper.person_id)
    nobody = visit.press(page, "find", "recipient", recipient__text="没有这个人", **DAY)
    assert "没有找到" in nobody.text and nobody.value("recipient-text") == "没有这个人"
    changed = visit.press(page, "change", "helper")
    assert "志愿者是谁" in changed.text and "helper-text" in changed.text


def test_the_hour_that_is_wrong_is_said_beside_its_field(office):
    helper, helped = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    told = {"recipient__person_id": helped.person_id, **DAY, "ends": "08:00"}
    answer = visit.press(page, "save", **told)
    assert answer.status == 422 and 'href="#ends"' in answer.text
    assert answer.value("ends") == "08:00" and answer.value("starts") == "09:00"


def test_a_late_record_needs_the_head_and_a_reason(office):
    helper, helped = people(office)
    told = {"recipient__person_id": helped.person_id, **DAY, "served_on": "2025-04-01"}
    path = f"/work/records/new?person={helper.person_id}"
    visit = office.enter("social_worker")
    late = visit.press(visit.get(path), "save", **told, late_reason="忘了")
    assert late.status == 409 and "登记" in late.text and late.value("late_reason") == "忘了"
    head = office.enter("coordinator")
    assert head.press(head.get(path), "save", **told).status == 409
    assert head.press(head.get(path), "save", **told, late_reason="住院").status == 303


@pytest.mark.parametrize(
    "odd",
    [
        {"served_on": "0001-01-01"}, {"served_on": "9999-12-31"}, {"starts": "25:00"},
        {"service_id": "x"}, {"service_id": "1"}, {"service_id": "9" * 40},
        {"helper__person_id": "9" * 40}, {"helper__person_id": "1"}, {"for_whom": "nobody"},
        {"recipient__person_id": "-5"}, {"place": "长" * 200},
    ],
)  # fmt: skip
def test_odd_values_are_refused_and_nothing_is_written(office, odd):
    helper, helped = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    told = {"recipient__person_id": helped.person_id, **DAY, **odd}
    answer = visit.press(page, "save", **told)
    assert answer.status in (200, 404, 409, 422), answer.status
    with office.database.reading() as session:
        assert records_of_person(session, office.town.community_id, helper.person_id) == []


def test_a_group_activity_has_no_recipient(office):
    helper, _ = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    assert visit.press(page, "save", **DAY, for_whom="group").status == 303
    with office.database.reading() as session:
        (found,) = records_of_person(session, office.town.community_id, helper.person_id)
        whole = record(session, office.town.community_id, found.id)
    assert whole.recipient_person_id is None


def test_an_auditor_enters_nothing(office):
    visit = office.enter("auditor")
    assert visit.get("/work/records/new").status == 403
    assert visit.get("/work/records").status == 403


@pytest.mark.parametrize(
    ("starts", "ends", "minutes", "shown"),
    [
        ("22:00", "24:00", 120, "22:00–00:00"),
        ("22:00", "00:00", 120, "22:00–00:00"),
        ("22:00", "06:00", 480, "22:00–06:00"),
        ("２２：００", "6点", 480, "22:00–06:00"),
        ("9点30分", "11.30", 120, "09:30–11:30"),
    ],
)
def test_a_service_over_midnight_is_entered(office, starts, ends, minutes, shown):
    helper, helped = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    told = DAY | {"starts": starts, "ends": ends, "served_on": "2025-06-08"}
    told["recipient__person_id"] = helped.person_id
    assert visit.press(page, "save", **told).status == 303
    with office.database.reading() as session:
        (found,) = records_of_person(session, office.town.community_id, helper.person_id)
    assert found.real_minutes == minutes
    case = office.enter("coordinator").get(f"/work?case=record-{found.id}")
    assert shown in case.text


@pytest.mark.parametrize("odd", ["24:01", "25:00", "9", "9:60", "-1:00", "x", "1e1:00"])
def test_what_is_no_time_of_day_is_refused_beside_its_field(office, odd):
    helper, _ = people(office)
    visit = office.enter("social_worker")
    page = visit.get(f"/work/records/new?person={helper.person_id}")
    answer = visit.press(page, "save", **DAY | {"ends": odd}, for_whom="group")
    assert answer.status == 422 and 'href="#ends"' in answer.text
    assert answer.value("ends") == odd
