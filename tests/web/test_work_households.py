"""Households on the pages of staff: one page to enrol one, what is asked, what is kept."""

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.people import PASSWORD, new_person
from timebank.people.actions import NewPerson
from timebank.people.queries import household, household_by_no, member_records, proofs_of_household
from timebank.people.rules.records import CONSENT_VERSION
from timebank.people.tables import household as household_table
from web.households.consent import CONSENT_TEXTS

# The first 16 digits of SHA-256: a released text never changes, a new one gets a new version.
RELEASED = {("register", 1): "452b6f64f64c67fc", ("sensitive", 1): "6eb2ee171f6d274b"}
HEAD = {"door": "302", "members-0-name": "陈甲一", "members-0-birth_on": "1953-04-12"}
AGREED = {"consents": "y"}


def typed(office, **more):
    building = {"building_id": str(office.town.building_ids[0])}
    return {
        **building,
        **HEAD,
        **AGREED,
        **{name.replace("__", "-"): v for name, v in more.items()},
    }


def enrol(visit, page, told):
    form = next(one for one in page.forms if ("add", "member") in one.buttons)
    kept = [pair for pair in form.fields if pair[0] not in told]
    return visit.send(form, [*kept, *((name, value) for name, value in told.items() if value)])


@pytest.fixture
def worker(office):
    return office.enter("social_worker")


@pytest.fixture
def page(worker):
    return worker.get("/work/households/new")


def homes(office):
    with office.database.reading() as session:
        return session.scalar(select(func.count()).select_from(household_table))


def last_home(office):
    with office.database.reading() as session:
        number = session.scalar(select(func.max(household_table.c.household_no)))
        return household_by_no(session, office.town.community_id, number)


def test_a_household_is_enrolled_on_one_page_and_told_what_it_gets(office, worker, page):
    told = typed(
        office, phone="100 1234 5678", sensitive="y", asks_for_pin="y",
        members__1__name="李乙二", members__1__relation="spouse",
        papers__0__kind="dibao", papers__0__member="1", papers__0__document_no="DB-7",
        papers__0__valid_from_on="2025-06-01", papers__0__valid_until_on="2026-05-31",
        papers__0__issuer="示范区民政局", members__0__is_volunteer="y",
    )  # fmt: skip
    ready = worker.follow(enrol(worker, page, told))
    home = last_home(office)
    assert [one.name for one in home.members] == ["陈甲一", "李乙二"]
    assert home.household_no in ready.text and "志愿者 V-" in ready.text
    assert "卡等另一位同事办" in ready.text and "还没看过身份证" in ready.text
    with office.database.reading() as session:
        (paper,) = proofs_of_household(session, office.town.community_id, home.id)
    assert paper.person_id == home.members[1].id


def test_a_second_press_enrols_once(office, worker, page):
    before, told = homes(office), typed(office)
    first, second = enrol(worker, page, told), enrol(worker, page, told)
    assert first.location == second.location
    assert homes(office) == before + 1


def test_rows_are_added_without_losing_what_was_typed(office, worker, page):
    form = page.form_with(("add", "member"))
    told = typed(office, members__2__name="陈丙三")
    kept = [pair for pair in form.fields if pair[0] not in told]
    more = worker.send(form, [*kept, *told.items(), ("add", "member")])
    assert more.value("members-2-name") == "陈丙三" and more.value("members-3-name") == ""
    assert more.value("door") == "302" and homes(office) == 0 + homes(office)
    more = worker.press(more, "add", "paper")
    assert more.value("papers-1-kind") == "" and more.value("members-0-name") == "陈甲一"


def test_nobody_is_enrolled_without_consent(office, worker, page):
    before = homes(office)
    refused = enrol(worker, page, typed(office, consents=""))
    assert refused.status == 422 and "请先读给住户听" in refused.text
    refused = enrol(worker, page, typed(office, notes="听力不好"))
    assert refused.status == 422 and refused.value("notes") == "听力不好"
    assert homes(office) == before


def test_somebody_who_may_be_known_is_asked_about_under_their_row(office, worker, page):
    office.do(make.make_household, office.town, NewPerson("李乙二", phone="10012345678"))
    told = typed(office, phone="10012345678")
    asked = enrol(worker, page, told)
    assert asked.status == 409 and "另一户登记过这个电话" in asked.text
    assert "李乙二" not in asked.text and asked.value("members-0-name") == "陈甲一"
    same = enrol(worker, asked, {**told, "members-0-known": "same"})
    assert same.status == 422 and "登记过的人不再登记一次" in same.text
    assert enrol(worker, same, {**told, "members-0-known": "other"}).status == 303


def test_a_known_document_is_refused_in_its_row_without_its_owner(office, worker, page):
    number = "990106195001010012"
    office.do(make.make_household, office.town, NewPerson("林丙三", id_no=number))
    told = typed(office, members__1__name="李乙二", members__1__id_no=number)
    refused = enrol(worker, page, told)
    assert refused.status == 409 and "林丙三" not in refused.text
    assert refused.value("members-1-id_no") == number and "第 2 行" in refused.text


def test_an_expired_session_keeps_the_page(office, clock, worker, page):
    clock.now += timedelta(minutes=16)
    number = "990106195001010012"
    told = typed(office, members__1__name="李乙二", members__1__id_no=number)
    led = enrol(worker, page, told)
    asked = urlsplit(led.location).query
    sign_in = worker.get(f"/sign-in/name?{asked}")
    form = next(one for one in sign_in.forms if one.action.startswith("/sign-in/name"))
    name = f"user-{office.staff['social_worker'].person_id}"
    secrets = {"login_name": name, "password": PASSWORD}
    fields = [pair for pair in form.fields if pair[0] not in secrets]
    again = worker.follow(worker.send(form, [*fields, *secrets.items()]))
    assert again.value("members-1-name") == "李乙二" and again.value("door") == "302"
    assert again.value("members-1-id_no") == number and again.value("consents") == "y"


def test_the_first_page_needs_few_fields(page):
    """A head and two others with documents: what is typed and touched, counted on the page."""
    form = page.form_with(("add", "member"))
    names = {name for name, _ in form.fields}
    needed = {"building_id", "door", "phone"} | {
        f"members-{row}-{name}" for row in range(3) for name in ("name", "id_no")
    }
    chosen = {f"members-{row}-relation" for row in (1, 2)} | {"consents"}
    assert needed | (chosen - {"consents"}) <= names
    assert len(needed | chosen) == 12


def test_a_released_text_of_consent_never_changes():
    assert set(CONSENT_TEXTS) == set(RELEASED)
    assert max(version for _, version in CONSENT_TEXTS) == CONSENT_VERSION
    for key, text in CONSENT_TEXTS.items():
        source = text._args[0]
        assert hashlib.sha256(source.encode()).hexdigest()[:16] == RELEASED[key], key


def test_a_grid_worker_is_offered_their_buildings_and_registers_no_volunteer(office):
    visit = office.enter("grid_worker")
    page = visit.get("/work/households/new")
    assert "members-0-is_volunteer" not in page.text
    assert str(office.town.building_ids[0]) in page.text


@pytest.fixture
def family(office):
    return office.do(make.make_household, office.town, new_person("陈甲一"), new_person("李乙二"))


def test_a_change_is_recorded_and_the_history_shows_it(office, worker, family):
    page = worker.get(f"/work/people/{family.person_ids[0]}/change")
    form = next(one for one in page.forms if ("name", "陈甲一") in one.fields)
    fields = [pair for pair in form.fields if pair[0] not in ("name", "phone")]
    answer = worker.send(form, [*fields, ("name", "陈甲二"), ("phone", "10099990000")])
    assert "记下了：姓名、电话" in worker.follow(answer).text
    history = worker.get(f"/work/households/{family.household_id}/history")
    assert "陈甲二" in history.text and "10099990000" not in history.text
    past = worker.get(f"/work/households/{family.household_id}/history?on=2024-06-01")
    assert "陈甲一" in past.text
    assert "那天还没有" in past.text or "2 口人" in past.text
    before = worker.get(f"/work/households/{family.household_id}/history?on=2020-01-01")
    assert "那一天还没有登记这一户" in before.text


def test_somebody_splits_off_and_the_old_household_shows_it(office, worker, family):
    page = worker.get(f"/work/households/{family.household_id}/move")
    form = next(one for one in page.forms if "/move" in one.action)
    told = {
        "person_ids": str(family.person_ids[1]), "why": "split", "door": "909",
        "building_id": str(office.town.building_ids[1]), "happened_on": "2025-06-01",
    }  # fmt: skip
    fields = [pair for pair in form.fields if pair[0] not in told]
    there = worker.follow(worker.send(form, [*fields, *told.items()]))
    assert "李乙二" in there.text
    history = worker.get(f"/work/households/{family.household_id}/history")
    assert "李乙二：分出来单独一户" in history.text


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({}, "请选出搬的人"),
        ({"person_ids": "1"}, "请选一个"),
        ({"person_ids": "1", "why": "moved", "household_no": "H-9999"}, "没有这一户"),
        ({"person_ids": "1", "why": "split"}, "请填写"),
    ],
)
def test_what_a_move_lacks_stands_beside_its_field(office, worker, family, told, word):
    page = worker.get(f"/work/households/{family.household_id}/move")
    form = next(one for one in page.forms if "/move" in one.action)
    told = told | ({"person_ids": str(family.person_ids[1])} if "person_ids" in told else {})
    fields = [pair for pair in form.fields if pair[0] not in told]
    refused = worker.send(form, [*fields, *told.items()])
    assert refused.status == 422 and word in refused.text
    with office.database.reading() as session:
        assert len(household(session, 1, family.household_id).members) == 2


def test_a_household_moves_to_another_building(office, worker, family):
    page = worker.get(f"/work/households/{family.household_id}/address")
    form = next(one for one in page.forms if "/address" in one.action)
    told = {"building_id": str(office.town.building_ids[1])}
    fields = [pair for pair in form.fields if pair[0] not in told]
    assert "2 号楼" in worker.follow(worker.send(form, [*fields, *told.items()])).text


def test_a_consent_is_taken_back_on_a_page(office, worker, page):
    enrol(worker, page, typed(office, sensitive="y"))
    (head,) = last_home(office).members
    address = f"/work/people/{head.id}/consents"
    page = worker.get(address)
    assert str(CONSENT_TEXTS["sensitive", 1]._args[0])[:20] in page.text
    form = next(one for one in page.forms if ("kind", "sensitive") in one.fields)
    after = worker.follow(worker.send(form, [*form.fields, ("do", "withdraw")]))
    form = next(one for one in after.forms if ("kind", "sensitive") in one.fields)
    assert ("do", "give") in form.buttons
    again = worker.follow(worker.send(form, [*form.fields, ("do", "give")]))
    form = next(one for one in again.forms if ("kind", "sensitive") in one.fields)
    assert ("do", "withdraw") in form.buttons


def test_a_document_is_asked_for_until_it_was_seen(office, worker):
    family = office.do(make.make_household, office.town, NewPerson("黄丁四"))
    page = worker.get(f"/work/people/{family.person_ids[0]}/change")
    form = next(one for one in page.forms if ("name", "黄丁四") in one.fields)
    told = {"id_no": "990106195001010012"}
    fields = [pair for pair in form.fields if pair[0] not in told]
    worker.follow(worker.send(form, [*fields, *told.items()]))
    with office.database.reading() as session:
        assert member_records(session, 1, family.person_ids)[family.person_ids[0]].has_document
    assert "身份证号" not in worker.get(f"/work/people/{family.person_ids[0]}/change").text


def test_somebody_who_left_comes_back_into_a_home(office, worker, family):
    page = worker.get(f"/work/households/{family.household_id}/move")
    form = next(one for one in page.forms if "/move" in one.action)
    gone = family.person_ids[1]
    told = {"person_ids": str(gone), "why": "left", "happened_on": "2025-06-01"}
    fields = [pair for pair in form.fields if pair[0] not in told]
    worker.follow(worker.send(form, [*fields, *told.items()]))
    page = worker.get(f"/work/people/{gone}")
    assert "已搬离社区" in page.text and f"/work/people/{gone}/home" in page.text
    page = worker.get(f"/work/people/{gone}/home")
    assert 'value="died"' not in page.text
    form = next(one for one in page.forms if "/home" in one.action)
    told = {"why": "moved", "household_no": family.household_no}
    fields = [pair for pair in form.fields if pair[0] not in told]
    assert "李乙二" in worker.follow(worker.send(form, [*fields, *told.items()])).text
