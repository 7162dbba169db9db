"""Who speaks for a firm: named by a coordinator, signed in without a role, ended at once."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories import people as make
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import NewOrganisation
from timebank.people.actions.invitations import insert_representative
from timebank.people.rules.throttles import Origin
from timebank.values import Role

WHO = {"name": "卢庚二", "phone": "13800001234"}


@pytest.fixture
def head(session, town):
    return make.coordinator(session, town)


@pytest.fixture
def firm_id(session, town, now):
    deed = Deed(session, town.by, now, make.a_request_id())
    return actions.add_organisations(
        deed, organisations=(NewOrganisation("示范超市"), NewOrganisation("书店"))
    ).organisation_ids[0]


@pytest.fixture
def run(session, now):
    def do(action, by, **content):
        return action(Deed(session, by, now, make.a_request_id()), **content)

    return do


def test_somebody_who_signs_in_is_named_and_sees_their_firm_only(session, run, town, head, firm_id):
    by = make.resident(session, town)
    assert queries.firms_of(session, by) == []
    named = run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)
    assert [one.id for one in queries.firms_of(session, by)] == [firm_id]
    (one,) = queries.representatives(session, town.community_id)
    assert (one.id, one.organisation_id, one.person_id) == (
        named.representative_id, firm_id, by.person_id,
    )  # fmt: skip
    with pytest.raises(WrongState):
        run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)


def test_a_card_opens_no_statement_of_a_firm(session, run, town, head, firm_id):
    by = make.resident(session, town)
    run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)
    card = make.make_card(session, town, by.person_id)
    with_card = queries.by_of_card(session, town.community_id, card.id)
    assert queries.firms_of(session, with_card) == []


def test_who_is_ended_sees_nothing_and_is_outside(session, run, town, head, firm_id, now):
    by = make.resident(session, town)
    named = run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)
    opened = actions.visits.new_visit(Deed(session, by, now))
    run(actions.end_representative, head, representative_id=named.representative_id)
    assert queries.firms_of(session, by) == []
    found = queries.visit_of_token(session, town.community_id, opened.token, now=now)
    assert found.ended_why == "role"
    with pytest.raises(WrongState):
        run(actions.end_representative, head, representative_id=named.representative_id)
    run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)


@pytest.mark.parametrize("role", ["approver", "social_worker", "keeper", "auditor"])
def test_only_a_coordinator_names_and_ends(role, session, run, town, head, firm_id):
    by, holder = make.staff(session, town, Role(role)), make.resident(session, town)
    told = {"organisation_id": firm_id, "person_id": holder.person_id}
    named = run(actions.name_representative, head, **told)
    with pytest.raises(NotAllowed):
        run(actions.name_representative, by, **told)
    with pytest.raises(NotAllowed):
        run(actions.end_representative, by, representative_id=named.representative_id)
    with pytest.raises(NotAllowed):
        run(actions.invite_representative, by, organisation_id=firm_id, **WHO)


def test_nobody_names_or_ends_themselves_or_their_household(session, run, town, head, firm_id):
    family = make.make_household(session, town, make.new_person(), make.new_person())
    couple = [make.make_user(session, town, one, Role("coordinator")) for one in family.person_ids]
    for person_id in family.person_ids:
        with pytest.raises(NotAllowed):
            told = {"organisation_id": firm_id, "person_id": person_id}
            run(actions.name_representative, couple[0], **told)
        named = run(actions.name_representative, head, **told).representative_id
        with pytest.raises(NotAllowed):
            run(actions.end_representative, couple[0], representative_id=named)


def test_what_is_unknown_or_of_another_community_is_not_found(session, run, town, head, firm_id):
    by, away = make.resident(session, town), make.neighbour(session)
    with pytest.raises(NotFound):
        run(actions.name_representative, head, organisation_id=404, person_id=by.person_id)
    with pytest.raises(NotFound):
        person_id = make.make_person(session, town)  # Does not sign in.
        run(actions.name_representative, head, organisation_id=firm_id, person_id=person_id)
    with pytest.raises(NotFound):
        run(actions.invite_representative, head, organisation_id=404, **WHO)
    with pytest.raises(NotFound):
        run(actions.invite_representative, away, organisation_id=firm_id, **WHO)
    named = run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)
    with pytest.raises(NotFound):
        run(actions.end_representative, away, representative_id=named.representative_id)


def test_the_database_keeps_one_living_row(session, run, town, head, firm_id, now):
    by = make.resident(session, town)
    run(actions.name_representative, head, organisation_id=firm_id, person_id=by.person_id)
    with pytest.raises(IntegrityError), session.begin_nested():
        insert_representative(Deed(session, head, now), firm_id, by.person_id)


def test_an_invited_representative_begins_with_the_slip_and_has_no_role(fresh_database):
    def build(session, now):
        town = make.make_town(session)
        deed = Deed(session, town.by, now, make.a_request_id())
        new = (NewOrganisation("示范超市"),)
        firm_id = actions.add_organisations(deed, organisations=new).organisation_ids[0]
        return town, make.coordinator(session, town), firm_id

    town, head, firm_id = fresh_database.write(build)
    with pytest.raises(BadInput):
        perform(
            fresh_database, actions.invite_representative, by=head, request_id="1",
            organisation_id=firm_id, name="卢庚二", phone=" ",
        )  # fmt: skip
    invited = perform(
        fresh_database, actions.invite_representative, by=head, request_id="2",
        organisation_id=firm_id, **WHO,
    )  # fmt: skip
    with fresh_database.reading() as session:
        now = fresh_database.clock()
        (one,) = queries.open_invitations(session, town.community_id, now=now)
    assert (one.organisation, one.is_waiting, one.roles) == ("示范超市", False, ())
    told = {"by": head, "invitation_id": invited.invitation_id}
    code = actions.draw_invitation_code(fresh_database, **told).code
    signed = actions.accept_invitation(
        fresh_database, community_id=town.community_id, code=code, login_name="supermarket",
        password=make.PASSWORD, origin=Origin("192.0.2.1"), now=now + timedelta(hours=1),
    )  # fmt: skip
    assert signed.by.roles == frozenset() and not signed.by.is_staff
    with fresh_database.reading() as session:
        assert [one.id for one in queries.firms_of(session, signed.by)] == [firm_id]
