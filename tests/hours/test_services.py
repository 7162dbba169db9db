"""The list of services: one more, another name, an end from today on."""

from datetime import timedelta

import pytest

from tests.factories import people as make
from tests.factories.goods import make_preset
from tests.factories.hours import make_services, register
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.hours import actions, queries
from timebank.hours.actions import NewRecord

LIBRARY = {"category": "culture", "name_zh": "整理图书", "name_en": "Tidy the library"}


@pytest.fixture
def do(session, town, now):
    def run(action, by=None, **content):
        return action(Deed(session, by or town.by, now, a_request_id()), **content)

    return run


@pytest.fixture
def company(session, town):
    return make_services(session, town)["company"]


def test_one_more_service_is_offered_at_once(session, do, company):
    (service_id,) = do(actions.add_service, **LIBRARY).service_ids
    found = next(one for one in queries.services(session, 1) if one.id == service_id)
    assert (found.category, found.name_zh) == ("culture", "整理图书")
    for told in (LIBRARY, LIBRARY | {"name_zh": "整 理图书"}):
        with pytest.raises(BadInput) as refused:
            do(actions.add_service, **told)
        assert refused.value.facts == {"field": "name_zh", "why": "name_taken"}
    do(actions.add_service, category="culture", name_zh="修书", name_en="修书")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name_zh": " "}, "name_zh"), ({"name_en": "x" * 61}, "name_en"),
     ({"category": "sport"}, "category")],
)  # fmt: skip
def test_a_faulty_service_names_its_field(do, change, field):
    with pytest.raises(BadInput) as refused:
        do(actions.add_service, **LIBRARY | change)
    assert refused.value.facts["field"] == field


def test_a_service_is_renamed(session, do, company):
    told = {"service_id": company, "name_zh": "聊天", "name_en": "Talk"}
    do(actions.change_service, **told)
    assert "聊天" in {one.name_zh for one in queries.services(session, 1)}
    with pytest.raises(BadInput):
        do(actions.change_service, **told)
    other = next(one for one in queries.services(session, 1) if one.id != company)
    with pytest.raises(BadInput):
        do(actions.change_service, **told | {"name_zh": other.name_zh})


def test_an_ended_service_takes_what_was_done_before(session, town, do, company, now):
    make_preset(session, town)
    helper_id, helped_id = make.make_person(session, town), make.make_person(session, town)
    register(session, town, helper_id)
    do(actions.end_service, service_id=company, note="没有人要")
    assert company not in {one.id for one in queries.services(session, 1)}
    assert company in {one.id for one in queries.all_services(session, 1)}

    def enter(start):
        new = NewRecord(helper_id, company, start, start + timedelta(hours=1), helped_id)
        return do(actions.enter_records, records=(new,))

    with pytest.raises(WrongState):
        do(actions.check_in, person_id=helper_id, service_id=company, at=now)
    with pytest.raises(WrongState):
        enter(now - timedelta(hours=2))
    enter(now - timedelta(days=1))
    with pytest.raises(WrongState):
        do(actions.end_service, service_id=company, note="没有人要")
    do(actions.end_service, service_id=company, note="又有人要", resumes=True)
    enter(now - timedelta(hours=2))
    with pytest.raises(WrongState):
        do(actions.end_service, service_id=company, note="又有人要", resumes=True)
    with pytest.raises(BadInput):
        do(actions.end_service, service_id=company, note=" ")


@pytest.mark.parametrize("persona", [make.stranger, make.auditor, make.keeper])
def test_others_change_no_service(session, town, do, company, persona):
    by = persona(session, town)
    for action, content in (
        (actions.add_service, LIBRARY),
        (actions.change_service, {"service_id": company, "name_zh": "聊天", "name_en": "Talk"}),
        (actions.end_service, {"service_id": company, "note": "x"}),
    ):
        with pytest.raises(NotAllowed):
            do(action, by, **content)


def test_the_neighbour_community_finds_no_service_of_ours(session, do, company):
    by = make.neighbour(session)
    for action, content in (
        (actions.change_service, {"name_zh": "聊天", "name_en": "Talk"}),
        (actions.end_service, {"note": "x"}),
    ):
        with pytest.raises(NotFound):
            do(action, by, service_id=company, **content)
