"""Users and their roles, and how a page identifies its reader."""

from datetime import datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.tables import audit_line
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.refusals import SignInFailed
from timebank.values import Role


def test_a_user_acts_as_his_person_household_and_roles(session: Session, town: Town) -> None:
    keeper = make.keeper(session, town)
    assert keeper.client == f"user:{keeper.user_id}"
    assert keeper.roles == {Role("keeper", town.store_place_id)}
    claimant = make.claimant(session, town)
    assert claimant.person_id is not None
    home = queries.person_brief(session, town.community_id, claimant.person_id).household_id
    assert (claimant.household_id, claimant.is_staff) == (home, False)


def test_a_client_names_user_or_card(session: Session, town: Town) -> None:
    by = make.claimant(session, town)
    assert by.person_id is not None
    card = make.make_card(session, town, by.person_id)
    assert queries.by_of_client(session, town.community_id, by.client) == by
    with_card = queries.by_of_client(session, town.community_id, f"card:{card.id}", "kiosk")
    assert with_card is not None
    assert (with_card.person_id, with_card.household_id) == (by.person_id, by.household_id)
    assert (with_card.channel, with_card.user_id) == ("kiosk", None)
    for unknown in ("user:404", "card:404", "job:1", "user:", "user:x", "", "user:²"):
        assert queries.by_of_client(session, town.community_id, unknown) is None
    assert queries.by_of_client(session, town.community_id + 1, by.client) is None


def test_a_card_opens_no_desk(session: Session, town: Town) -> None:
    keeper = make.keeper(session, town)
    assert keeper.person_id is not None
    card = make.make_card(session, town, keeper.person_id, make.PIN)
    with_card = queries.by_of_card(session, town.community_id, card.id)
    assert with_card is not None and not with_card.is_staff


def test_a_role_that_ended_is_gone_on_the_next_page(
    session: Session, town: Town, now: datetime
) -> None:
    keeper = make.keeper(session, town)
    (held,) = queries.staff(session, town.community_id, user_id=keeper.user_id)
    told = {"role_id": held.role_id}
    actions.end_role(Deed(session, town.by, now, a_request_id()), **told)
    again = queries.by_of_client(session, town.community_id, keeper.client)
    assert again is not None and not again.is_staff
    with pytest.raises(WrongState):
        actions.end_role(Deed(session, town.by, now, a_request_id()), **told)
    with pytest.raises(NotFound):
        actions.end_role(Deed(session, town.by, now, a_request_id()), role_id=404)


def test_the_staff_list_says_who_holds_what(session: Session, town: Town) -> None:
    make.keeper(session, town)
    make.grid_worker(session, town)
    listed = queries.staff(session, town.community_id)
    assert [(one.role, one.place_id) for one in listed] == [
        ("grid_worker", town.grid_ids[0]),
        ("keeper", town.store_place_id),
    ]


def test_a_role_is_granted_once_and_never_to_oneself(
    session: Session, town: Town, now: datetime
) -> None:
    head = make.coordinator(session, town)
    keeper = make.keeper(session, town)
    assert head.user_id is not None and keeper.user_id is not None
    told = {"role": "hotline"}
    actions.grant_role(Deed(session, head, now, a_request_id()), user_id=keeper.user_id, **told)
    with pytest.raises(BadInput) as refused:
        actions.grant_role(Deed(session, head, now, a_request_id()), user_id=keeper.user_id, **told)
    assert refused.value.facts["why"] == "held"
    with pytest.raises(NotAllowed):
        actions.grant_role(Deed(session, head, now, a_request_id()), user_id=head.user_id, **told)
    with pytest.raises(NotFound):
        actions.grant_role(Deed(session, head, now, a_request_id()), user_id=404, **told)


def test_an_unknown_role_or_place_is_refused(session: Session, town: Town, now: datetime) -> None:
    user_id = make.keeper(session, town).user_id
    assert user_id is not None
    told = {"user_id": user_id}
    with pytest.raises(BadInput):
        actions.grant_role(Deed(session, town.by, now, a_request_id()), role="emperor", **told)
    with pytest.raises(NotFound):
        actions.grant_role(
            Deed(session, town.by, now, a_request_id()), role="keeper", place_id=404, **told
        )


def test_a_person_has_one_user_and_a_name_one_owner(
    session: Session, town: Town, now: datetime
) -> None:
    first, second = make.make_person(session, town), make.make_person(session, town)
    make.make_user(session, town, first, login_name="chen")
    told = {"password": make.PASSWORD}
    with pytest.raises(WrongState):
        actions.add_user(
            Deed(session, town.by, now, a_request_id()), person_id=first, login_name="other", **told
        )
    with pytest.raises(BadInput) as refused:
        actions.add_user(
            Deed(session, town.by, now, a_request_id()), person_id=second, login_name="CHEN", **told
        )
    assert refused.value.facts == {"field": "login_name", "why": "taken"}
    with pytest.raises(NotFound):
        actions.add_user(
            Deed(session, town.by, now, a_request_id()), person_id=404, login_name="other", **told
        )


def test_a_social_worker_adds_residents_and_only_the_coordinator_staff(
    session: Session, town: Town, now: datetime
) -> None:
    by = make.social_worker(session, town)
    told = {"password": make.PASSWORD}
    person_id = make.make_person(session, town)
    with pytest.raises(NotAllowed):
        actions.add_user(
            Deed(session, by, now, a_request_id()), person_id=person_id, login_name="lin",
            roles=(Role("keeper"),), **told,
        )  # fmt: skip
    actions.add_user(
        Deed(session, by, now, a_request_id()), person_id=person_id, login_name="lin", **told
    )


def test_a_password_is_changed_by_telling_the_old_one(
    session: Session, town: Town, now: datetime
) -> None:
    by = make.resident(session, town)
    assert by.user_id is not None
    told = {"user_id": by.user_id, "password": "another lantern"}
    with pytest.raises(SignInFailed):
        actions.change_password(Deed(session, by, now, a_request_id()), old_password="no", **told)
    actions.change_password(
        Deed(session, by, now, a_request_id()), old_password=make.PASSWORD, **told
    )
    with pytest.raises(SignInFailed):
        actions.change_password(
            Deed(session, by, now, a_request_id()), old_password=make.PASSWORD, **told
        )
    forgotten = {"user_id": by.user_id, "password": "third lantern"}
    for other in (make.coordinator(session, town), town.by):
        with pytest.raises(NotAllowed):
            actions.change_password(Deed(session, other, now, a_request_id()), **forgotten)


def test_who_leaves_comes_in_no_more(session: Session, town: Town, now: datetime) -> None:
    head, keeper = make.coordinator(session, town), make.keeper(session, town)
    assert head.user_id is not None and keeper.user_id is not None
    actions.close_user(Deed(session, head, now, a_request_id()), user_id=keeper.user_id)
    assert queries.by_of_client(session, town.community_id, keeper.client) is None
    assert [one.role for one in queries.staff(session, town.community_id)] == ["coordinator"]
    with pytest.raises(WrongState):
        actions.close_user(Deed(session, head, now, a_request_id()), user_id=keeper.user_id)
    with pytest.raises(NotAllowed):
        actions.close_user(Deed(session, head, now, a_request_id()), user_id=head.user_id)
    with pytest.raises(NotFound):
        actions.close_user(Deed(session, head, now, a_request_id()), user_id=404)


def test_the_audit_trail_says_who_did_what_and_is_never_changed(
    session: Session, town: Town, now: datetime
) -> None:
    head = make.coordinator(session, town)
    user_id = make.keeper(session, town).user_id
    assert user_id is not None
    actions.grant_role(Deed(session, head, now, a_request_id()), user_id=user_id, role="hotline")
    line = audit_lines(session, town.community_id, subject_kind="user", subject_id=user_id)[0]
    assert (line.name, line.client, line.person_id, line.at) == (
        "grant_role", head.client, head.person_id, now,
    )  # fmt: skip
    assert '"hotline"' in line.facts
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(delete(audit_line))
