"""Every action, tried by a stranger and by the neighbour community."""

import pytest
from sqlalchemy import select

from tests.conftest import only_on
from tests.factories.goods import make_preset
from tests.factories.hours import (
    JUNE_10,
    at,
    confirm_both,
    enter,
    make_cast,
    make_neighbour,
    make_services,
    make_volunteer,
    told,
)
from tests.factories.looks import audit_lines
from tests.factories.people import a_request_id, make_town
from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.hours import actions
from timebank.hours.actions import NewService, NewVolunteer
from timebank.hours.tables import service_overlap

TONIGHT = at("21:00")
TOMORROW = JUNE_10.replace(day=11)


@pytest.fixture
def cast(session):
    return make_cast(session)


def _entered(session, cast):
    return enter(session, cast, told(cast), now=TONIGHT)[0]


def _running(session, cast):
    return actions.check_in(
        Deed(session, cast.volunteer, at("18:00"), a_request_id()),
        person_id=cast.volunteer.person_id,
        service_id=cast.service_ids["company"],
    ).record_id


def _proposed(session, cast):
    record_id = _running(session, cast)
    actions.propose_end(
        Deed(session, cast.organiser, at("22:00"), a_request_id()),
        record_id=record_id,
        ended_at=at("19:00"),
        note="忘记签退",
    )
    return record_id


def _credited(session, cast):
    record_id = _entered(session, cast)
    confirm_both(session, cast, record_id, now=TONIGHT)
    return record_id


def _contradicting(session, cast):
    """The pair of two records: the volunteer helped, and was helped at the same time."""
    other = make_volunteer(session, cast.town, building=1)
    back = told(cast, person_id=other.person_id, recipient_person_id=cast.volunteer.person_id)
    entered = actions.enter_records(
        Deed(session, cast.organiser, TONIGHT, a_request_id()), records=(told(cast), back)
    )
    assert len(entered.asked_record_ids) == 1
    return session.scalar(select(service_overlap.c.id))


# Each deed: the action, its arguments, and the refusal for the neighbour community.
DEEDS = {
    "add_services": (
        actions.add_services,
        lambda s, c: {"services": (NewService("x", "elders", "新", "New"),)},
        None,
    ),
    "register_volunteers": (
        actions.register_volunteers,
        lambda s, c: {"volunteers": (NewVolunteer(c.recipient.person_id, JUNE_10),)},
        NotFound,
    ),
    "open_balance": (
        actions.open_balance,
        lambda s, c: {
            "person_id": c.volunteer.person_id, "minutes": 60, "served_minutes": 60, "note": "旧本",
        },
        NotFound,
    ),
    "check_in": (
        actions.check_in,
        lambda s, c: {
            "person_id": c.volunteer.person_id, "service_id": c.service_ids["company"],
        },
        NotFound,
    ),
    "check_out": (
        actions.check_out,
        lambda s, c: {"person_id": c.volunteer.person_id, "at": _running(s, c) and at("19:00")},
        NotFound,
    ),
    "propose_end": (
        actions.propose_end,
        lambda s, c: {"record_id": _running(s, c), "ended_at": at("19:00"), "note": "忘记签退"},
        NotFound,
    ),
    "accept_end": (
        actions.accept_end, lambda s, c: {"record_id": _proposed(s, c)}, NotFound,
    ),
    "enter_records": (actions.enter_records, lambda s, c: {"records": (told(c),)}, NotFound),
    "confirm_as_recipient": (
        actions.confirm_records,
        lambda s, c: {"record_ids": (_entered(s, c),), "as_": "recipient"},
        NotFound,
    ),
    "confirm_as_organiser": (
        actions.confirm_records,
        lambda s, c: {"record_ids": (_entered(s, c),), "as_": "organiser"},
        NotFound,
    ),
    "refuse_record": (
        actions.refuse_record,
        lambda s, c: {"record_id": _entered(s, c), "reason": "没有这回事"},
        NotFound,
    ),
    "settle_overlap": (
        actions.settle_overlap,
        lambda s, c: {"overlap_id": _contradicting(s, c), "refused": "none", "note": "问过双方"},
        NotFound,
    ),
    "reverse_credit": (
        actions.reverse_credit,
        lambda s, c: {"record_id": _credited(s, c), "reason": "登记有误"},
        NotFound,
    ),
}  # fmt: skip


# Volunteer and recipient may do something with their own record: another's is not found.
OF_ONE_RECORD = {
    "propose_end", "accept_end", "confirm_as_recipient", "confirm_as_organiser", "refuse_record",
}  # fmt: skip


def _try(session, cast, name, by):
    action, content, _ = DEEDS[name]
    return action(Deed(session, by, at("22:00"), a_request_id()), **content(session, cast))


# The deeds of the list of services: see test_services.py.
ELSEWHERE = {"add_service", "change_service", "end_service"}


def test_every_deed_is_tried():
    tried = {action.__name__ for action, _, _ in DEEDS.values()} | ELSEWHERE
    deeds = {name for name in actions.__all__ if name[0].islower()}
    assert tried == deeds


@only_on("sqlite")
@pytest.mark.parametrize("name", DEEDS)
def test_a_stranger_may_not(session, cast, name):
    stranger = make_neighbour(session, cast.town)
    with pytest.raises(NotFound if name in OF_ONE_RECORD else NotAllowed):
        _try(session, cast, name, stranger)


@only_on("sqlite")
@pytest.mark.parametrize("name", DEEDS)
def test_somebody_who_only_reads_may_not(session, cast, name, by_auditor):
    with pytest.raises(NotFound if name in OF_ONE_RECORD else NotAllowed):
        _try(session, cast, name, by_auditor)


@only_on("sqlite")
@pytest.mark.parametrize("name", [name for name, deed in DEEDS.items() if deed[2]])
def test_the_mighty_of_the_neighbour_community_find_nothing_here(session, cast, name, by_neighbour):
    with pytest.raises(DEEDS[name][2]):
        _try(session, cast, name, by_neighbour)


@only_on("sqlite")
def test_what_the_neighbour_community_adds_is_its_own(session, cast, by_neighbour):
    _try(session, cast, "add_services", by_neighbour)
    assert "x" not in make_services(session, cast.town)


@only_on("sqlite")
def test_a_service_of_the_neighbour_community_is_unknown_here(session, cast):
    next_door = make_town(session, 2)
    make_preset(session, next_door)
    theirs = make_services(session, next_door)["company"]
    with pytest.raises(NotFound):
        actions.check_in(
            Deed(session, cast.volunteer, TONIGHT, a_request_id()),
            person_id=cast.volunteer.person_id,
            service_id=theirs,
        )


@only_on("sqlite")
def test_each_deed_leaves_one_line_for_the_auditor(session, cast):
    before = len(audit_lines(session, 1))
    _entered(session, cast)
    assert len(audit_lines(session, 1)) == before + 1
