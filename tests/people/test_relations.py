"""Relatives: recorded and ended at the counter, and never the second person for each other."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.closeness import (
    HOUSEHOLD,
    RELATIVE,
    SELF,
    Involved,
    closeness,
    is_sign_in_of_kin,
    require_other,
    require_unrelated,
)
from timebank.people.may import SERVE_CARDS
from timebank.people.rules.relations import RELATION_KINDS
from timebank.people.tables import relation
from timebank.values import Role

REASON = "登记的时候写错了人，问过本人"
LONG_AGO = date(1990, 5, 1)


@pytest.fixture
def run(session, now):
    """Do a deed as somebody, at ``now`` or so much later."""

    def do(action, by, later=timedelta(), **content):
        return action(Deed(session, by, now + later, a_request_id()), **content)

    return do


@pytest.fixture
def clerk(session, town):
    return make.social_worker(session, town)


@pytest.fixture
def homes(session, town):
    """Two households of two people each, who are strangers."""
    return [
        make.make_household(session, town, make.new_person(), make.new_person()) for _ in range(2)
    ]


@pytest.fixture
def by(session, town, homes):
    """A member of staff of the first household."""
    return make.make_user(session, town, homes[0].person_ids[0], Role("keeper"))


@pytest.fixture
def relate(run, clerk):
    def record(one, other, kind="siblings", from_on=LONG_AGO, by=None):
        pair = {"person_id": one, "other_person_id": other}
        content = pair | {"kind": kind, "from_on": from_on}
        return run(actions.record_relation, by or clerk, **content).relation_id

    return record


def why(session, by, person_id=None, household_id=None):
    return closeness(session, by, Involved((), (person_id,), (household_id,)))


@pytest.mark.parametrize("is_first", [True, False])
def test_a_relative_and_their_household_are_close_from_both_sides(
    session, town, homes, by, relate, is_first, now
):
    mine, theirs = by.person_id, homes[1].person_ids[0]
    relate(*((mine, theirs) if is_first else (theirs, mine)))
    assert why(session, by, theirs) == RELATIVE
    assert why(session, by, homes[1].person_ids[1]) == RELATIVE
    assert why(session, by, household_id=homes[1].household_id) == RELATIVE
    card = make.make_card(session, town, theirs)
    with pytest.raises(SamePerson) as refused:
        require_other(Deed(session, by, now), Involved((f"card:{card.id}",)))
    assert refused.value.facts == {"why": RELATIVE}
    with pytest.raises(NotAllowed) as refused:
        require_unrelated(session, by, theirs, SERVE_CARDS)
    assert refused.value.facts["why"] == "own_relative"


def test_a_relative_of_a_housemate_is_close(session, homes, by, relate):
    relate(homes[0].person_ids[1], homes[1].person_ids[1])
    for known in (by, replace(by, household_id=None)):
        assert why(session, known, homes[1].person_ids[0]) == RELATIVE
        assert why(session, known, homes[0].person_ids[1]) == HOUSEHOLD
        assert why(session, known, by.person_id) == SELF


def test_a_relative_without_a_household_is_close_alone(session, town, by, relate):
    one, other = (make.make_person(session, town) for _ in range(2))
    relate(by.person_id, one)
    assert (why(session, by, one), why(session, by, other)) == (RELATIVE, None)


def test_a_relative_of_a_relative_is_not(session, town, homes, by, relate):
    third = make.make_household(session, town, make.new_person())
    relate(by.person_id, homes[1].person_ids[0])
    relate(homes[1].person_ids[0], third.person_ids[0])
    assert why(session, by, third.person_ids[0]) is None


def test_strangers_stay_strangers(session, homes, by, relate, town):
    relate(*homes[1].person_ids)  # Among themselves.
    assert why(session, by, homes[1].person_ids[0]) is None
    kiosk = replace(by, client="device:7", user_id=None, person_id=None, household_id=None)
    assert why(session, kiosk, homes[1].person_ids[0], homes[1].household_id) is None


def test_the_worklist_matches_the_same_people(session, town, homes, by, relate):
    relate(homes[0].person_ids[1], homes[1].person_ids[0])
    other = make.stranger(session, town)
    kin = set(session.scalars(queries.kin_of(by)))
    assert kin == {*homes[0].person_ids, *homes[1].person_ids}
    assert other.person_id not in kin
    near = {homes[0].household_id, homes[1].household_id}
    assert near <= set(session.scalars(queries.kin_homes_of(by)))
    card = make.make_card(session, town, homes[1].person_ids[1])
    for client, is_kin in ((f"card:{card.id}", True), (other.client, False)):
        matches = select(literal(1)).where(is_sign_in_of_kin(by, literal(client)))
        assert (session.scalar(matches) == 1) is is_kin


def test_it_ends_with_a_reason_and_stays_readable(session, run, clerk, homes, by, relate):
    relation_id = relate(by.person_id, homes[1].person_ids[0])
    for reason in ("", ".", "哈哈哈哈哈哈"):
        with pytest.raises(BadInput):
            run(actions.end_relation, clerk, relation_id=relation_id, reason=reason)
    run(actions.end_relation, clerk, relation_id=relation_id, reason=REASON)
    assert why(session, by, homes[1].person_ids[0]) is None
    assert homes[1].person_ids[0] not in set(session.scalars(queries.kin_of(by)))
    ((kept, other),) = queries.relations_of(session, 1, [by.person_id])
    assert kept.ended_at is not None and kept.entered_by and kept.ended_by
    assert (other.id, kept.kind, kept.from_on) == (homes[1].person_ids[0], "siblings", LONG_AGO)
    with pytest.raises(WrongState):
        run(actions.end_relation, clerk, relation_id=relation_id, reason=REASON)
    lines = audit_lines(session, 1, subject_kind="person")
    assert {"record_relation", "end_relation"} <= {line.name for line in lines}
    relate(by.person_id, homes[1].person_ids[0], "in_laws")
    assert why(session, by, homes[1].person_ids[0]) == RELATIVE


def test_nobody_ends_what_keeps_them_from_countersigning(session, town, run, homes, relate):
    """Neither the two, nor a housemate of one of them, nor another relative of theirs."""
    third = make.make_household(session, town, make.new_person())
    relation_id = relate(homes[0].person_ids[0], homes[1].person_ids[0])
    relate(third.person_ids[0], homes[1].person_ids[1])
    for person_id in (*homes[0].person_ids, *homes[1].person_ids, third.person_ids[0]):
        near = make.make_user(session, town, person_id, Role("coordinator"))
        with pytest.raises(NotAllowed):
            run(actions.end_relation, near, relation_id=relation_id, reason=REASON)
    with pytest.raises(NotAllowed):
        run(actions.end_relation, make.by_founder(), relation_id=relation_id, reason=REASON)


def test_staff_may_record_their_own_relatives(session, town, homes, relate):
    own = make.make_user(session, town, homes[0].person_ids[0], Role("social_worker"))
    relate(own.person_id, homes[1].person_ids[0], by=own)
    assert why(session, own, homes[1].person_ids[0]) == RELATIVE


def test_a_pair_is_recorded_once_at_a_time(homes, relate):
    one, other = homes[0].person_ids[0], homes[1].person_ids[0]
    relate(one, other)
    for pair in ((one, other), (other, one)):
        with pytest.raises(WrongState) as refused:
            relate(*pair, "spouse")
        assert refused.value.facts == {"kind": "relation", "state": "recorded"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "friend"}, "kind"),
        ({"from_on": date(2025, 6, 11)}, "from_on"),
        ({"from_on": date(1879, 12, 31)}, "from_on"),
    ],
)
def test_what_cannot_be_is_refused(homes, relate, changed, field):
    with pytest.raises(BadInput) as refused:
        relate(homes[0].person_ids[0], homes[1].person_ids[0], **changed)
    assert refused.value.facts["field"] == field


def test_nobody_is_their_own_relative(homes, relate):
    with pytest.raises(BadInput):
        relate(homes[0].person_ids[0], homes[0].person_ids[0])


@pytest.mark.parametrize("kind", RELATION_KINDS)
def test_every_kind_is_kept(session, homes, relate, kind):
    relation_id = relate(homes[0].person_ids[0], homes[1].person_ids[0], kind)
    assert queries.relation_named(session, 1, relation_id).kind == kind


def test_only_staff_who_reach_both_record_and_end(session, town, run, homes, by, relate):
    far = make.make_household(session, town, make.new_person(), building=1)
    pair = {"person_id": homes[0].person_ids[1], "other_person_id": far.person_ids[0]}
    content = pair | {"kind": "other", "from_on": LONG_AGO}
    for who in (by, make.auditor(session, town), make.stranger(session, town)):
        with pytest.raises(NotAllowed):
            run(actions.record_relation, who, **content)
    for who in (make.grid_worker(session, town), make.neighbour(session)):
        with pytest.raises(NotFound):
            run(actions.record_relation, who, **content)
    relation_id = relate(pair["person_id"], pair["other_person_id"])
    for who in (make.grid_worker(session, town), make.neighbour(session)):
        with pytest.raises(NotFound):
            run(actions.end_relation, who, relation_id=relation_id, reason=REASON)


def test_the_database_keeps_a_pair_as_it_was_recorded(session, run, clerk, homes, relate, now):
    relation_id = relate(homes[0].person_ids[0], homes[1].person_ids[0])
    first, second = sorted((homes[0].person_ids[0], homes[1].person_ids[0]))
    own = {"ended_at": now, "ended_by_person_id": first, "end_reason": "x"}
    for change in ({"kind": "other"}, {"from_on": date(2000, 1, 1)}, own):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(update(relation).values(**change))
    row = {
        "community_id": 1, "id": 5, "person_id": second, "other_person_id": first,
        "kind": "other", "from_on": LONG_AGO, "entered_at": now,
    }  # fmt: skip
    turned = row | {"person_id": first, "other_person_id": second}
    for forbidden in (row, turned):  # The wrong way round; a second open row for the pair.
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(relation), forbidden)
    run(actions.end_relation, clerk, relation_id=relation_id, reason=REASON)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(
            update(relation).values(ended_at=None, ended_by_person_id=None, end_reason=None)
        )
