"""Roles of people who sign in already: given by two, ended with a day, and never the last ones."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions.visits import new_visit
from timebank.people.refusals import LastOfStaff
from timebank.people.rules.invitations import InvitedRole
from timebank.people.tables import app_user, invitation, staff_role
from timebank.values import By, Role, local_day


class Staff:
    """Two coordinators, an approver and a keeper, none of whom lives with another."""

    def __init__(self, session: Session, town: Town, now: datetime) -> None:
        self.session, self.town, self.now = session, town, now
        self.head, self.other = make.coordinator(session, town), make.coordinator(session, town)
        self.approver, self.keeper = make.approver(session, town), make.keeper(session, town)

    def do(self, action: Any, by: By, later: timedelta = timedelta(), **content: Any) -> Any:
        return action(Deed(self.session, by, self.now + later, a_request_id()), **content)

    def grant(self, role: str, by: By | None = None, **told: Any) -> actions.RoleGranted:
        content = {"user_id": self.keeper.user_id, "role": role, **told}
        granted: actions.RoleGranted = self.do(actions.grant_role, by or self.head, **content)
        return granted

    def end(self, of: By, by: By, name: str = "", **told: Any) -> None:
        self.do(actions.end_role, by, role_id=self.role_id(of, name), **told)

    def role_id(self, of: By, name: str = "") -> int:
        held = queries.staff(self.session, 1, user_id=of.user_id, now=self.now)
        return next(one.role_id for one in held if name in ("", one.role))

    def roles(self, of: By, later: timedelta = timedelta()) -> set[str]:
        now = self.now + later
        by = queries.by_of_user(self.session, self.town.community_id, of.user_id or 0, now=now)
        return {role.name for role in by.roles} if by else set()


@pytest.fixture
def staff(session: Session, town: Town, now: datetime) -> Staff:
    return Staff(session, town, now)


def test_a_light_role_is_held_at_once_and_until_its_last_day(staff: Staff) -> None:
    last_on = local_day(staff.now) + timedelta(days=3)
    granted = staff.grant("hotline", last_on=last_on)
    assert granted.role_id is not None and granted.invitation_id is None
    assert staff.roles(staff.keeper) == {"keeper", "hotline"}
    assert staff.roles(staff.keeper, timedelta(days=5)) == {"keeper"}
    with pytest.raises(BadInput) as refused:
        staff.grant("auditor", last_on=local_day(staff.now) - timedelta(days=1))
    assert refused.value.facts["field"] == "last_on"


@pytest.mark.parametrize("role", ["coordinator", "approver", "cashier", "accountant", "auditor"])
def test_a_role_of_weight_waits_for_a_second_person(staff: Staff, role: str) -> None:
    granted = staff.grant(role)
    assert granted.role_id is None and staff.roles(staff.keeper) == {"keeper"}
    told = {"invitation_id": granted.invitation_id}
    with pytest.raises(SamePerson):
        staff.do(actions.confirm_invitation, staff.head, **told)
    staff.do(actions.confirm_invitation, staff.approver, **told)
    assert staff.roles(staff.keeper) == {"keeper", role}
    with pytest.raises(WrongState):
        staff.do(actions.confirm_invitation, staff.other, **told)
    with pytest.raises(BadInput) as refused:
        staff.grant(role)
    assert refused.value.facts["why"] == "held"


def test_an_offered_role_can_be_withdrawn_and_is_over_after_a_week(staff: Staff) -> None:
    for later in (timedelta(), timedelta(days=8)):
        granted = staff.grant("cashier")
        told = {"invitation_id": granted.invitation_id}
        if not later:
            staff.do(actions.withdraw_invitation, staff.other, **told)
        with pytest.raises(WrongState):
            staff.do(actions.confirm_invitation, staff.approver, later, **told)
    assert staff.roles(staff.keeper) == {"keeper"}


def test_the_waiting_role_is_listed_for_who_may_confirm_it(staff: Staff) -> None:
    granted = staff.grant("cashier")
    people = {name: by for name, by in vars(staff).items() if isinstance(by, By)}
    waiting = {name: _waiting(staff, by) for name, by in people.items()}
    mine = [granted.invitation_id]
    assert waiting == {"head": [], "other": mine, "approver": mine, "keeper": []}
    staff.do(actions.confirm_invitation, staff.other, invitation_id=granted.invitation_id)
    assert _waiting(staff, staff.approver) == []


def _waiting(staff: Staff, by: By, later: timedelta = timedelta()) -> list[int]:
    rows = queries.waiting_invitations(by)
    if rows is None:
        return []
    return [row.id for row in staff.session.execute(rows, {"now": staff.now + later})]


def test_what_needs_no_second_person_is_not_on_the_worklist(staff: Staff) -> None:
    person_id = make.make_person(staff.session, staff.town)
    light = (InvitedRole("hotline"),)
    staff.do(actions.invite_user, staff.head, person_id=person_id, roles=light)
    assert _waiting(staff, staff.other) == []
    staff.grant("cashier")
    assert len(_waiting(staff, staff.other)) == 1
    assert _waiting(staff, staff.other, timedelta(days=8)) == []


def test_a_housemate_gives_ends_and_confirms_nothing(staff: Staff) -> None:
    ids = make.make_household(
        staff.session, staff.town, make.new_person(), make.new_person()
    ).person_ids
    couple = [
        make.make_user(staff.session, staff.town, person_id, Role("coordinator"))
        for person_id in ids
    ]
    with pytest.raises(NotAllowed):
        staff.grant("hotline", couple[0], user_id=couple[1].user_id)
    with pytest.raises(NotAllowed):
        staff.end(couple[1], couple[0])
    with pytest.raises(NotAllowed):
        staff.do(actions.close_user, couple[0], user_id=couple[1].user_id)
    granted = staff.grant("auditor", user_id=couple[0].user_id)
    assert _waiting(staff, couple[1]) == []
    with pytest.raises(SamePerson):
        told = {"invitation_id": granted.invitation_id}
        staff.do(actions.confirm_invitation, couple[1], **told)


def test_nobody_gives_or_ends_their_own(staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        staff.grant("hotline", user_id=staff.head.user_id)
    with pytest.raises(NotAllowed):
        staff.end(staff.head, staff.head)
    with pytest.raises(NotAllowed):
        staff.do(actions.close_user, staff.head, user_id=staff.head.user_id)


def test_only_a_coordinator_gives_ends_and_closes(staff: Staff) -> None:
    for by in (staff.approver, staff.keeper):
        with pytest.raises(NotAllowed):
            staff.grant("hotline", by, user_id=staff.other.user_id)
        with pytest.raises(NotAllowed):
            staff.end(staff.other, by)
        with pytest.raises(NotAllowed):
            staff.do(actions.close_user, by, user_id=staff.other.user_id)


def test_a_role_that_ends_on_a_day_goes_on_until_then(staff: Staff) -> None:
    opened = new_visit(Deed(staff.session, staff.keeper, staff.now))
    today = local_day(staff.now)
    with pytest.raises(BadInput) as refused:
        staff.end(staff.keeper, staff.head, last_on=today - timedelta(days=1))
    assert refused.value.facts["why"] == "past"
    staff.end(staff.keeper, staff.head, last_on=today)
    assert staff.roles(staff.keeper) == {"keeper"}
    assert _ended_why(staff, opened) == ""
    assert staff.roles(staff.keeper, timedelta(days=1)) == set()
    with pytest.raises(BadInput) as refused:
        staff.end(staff.keeper, staff.head, last_on=today + timedelta(days=1))
    assert refused.value.facts["why"] == "later"
    staff.end(staff.keeper, staff.head)
    assert _ended_why(staff, opened) == "role"


def _ended_why(staff: Staff, opened: actions.SignedIn) -> str | None:
    found = queries.visit_of_token(staff.session, 1, opened.token, now=staff.now)
    return None if found is None else found.ended_why


def test_a_role_that_ended_by_itself_is_not_ended_again(staff: Staff) -> None:
    granted = staff.grant("hotline", last_on=local_day(staff.now))
    with pytest.raises(WrongState):
        told = {"role_id": granted.role_id}
        staff.do(actions.end_role, staff.head, timedelta(days=2), **told)


def test_the_last_two_who_can_decide_stay(staff: Staff) -> None:
    staff.end(staff.approver, staff.head)
    for end in (
        lambda: staff.end(staff.other, staff.head),
        lambda: staff.end(staff.other, staff.head, last_on=local_day(staff.now)),
        lambda: staff.do(actions.close_user, staff.head, user_id=staff.other.user_id),
    ):
        with pytest.raises(LastOfStaff) as refused:
            end()
        assert refused.value.facts == {"why": "second"}
    staff.end(staff.keeper, staff.head)  # Who decides nothing can always go.


def test_the_last_coordinator_stays_also_beside_approvers(staff: Staff) -> None:
    second = make.approver(staff.session, staff.town)
    staff.end(staff.other, staff.head)
    with pytest.raises(LastOfStaff) as refused:
        staff.do(actions.close_user, staff.town.by, user_id=staff.head.user_id)
    assert refused.value.facts == {"why": "coordinator"}
    staff.do(actions.close_user, staff.head, user_id=second.user_id)


def test_one_person_with_two_weighty_roles_is_one_person(staff: Staff) -> None:
    told = {"invitation_id": staff.grant("approver", user_id=staff.other.user_id).invitation_id}
    staff.do(actions.confirm_invitation, staff.approver, **told)
    staff.end(staff.approver, staff.head)
    with pytest.raises(LastOfStaff):
        staff.do(actions.close_user, staff.town.by, user_id=staff.head.user_id)


def test_who_has_a_last_day_is_not_counted_as_staying(staff: Staff) -> None:
    last_on = local_day(staff.now) + timedelta(days=30)
    staff.end(staff.other, staff.head, last_on=last_on)
    with pytest.raises(LastOfStaff):
        staff.do(actions.close_user, staff.other, user_id=staff.approver.user_id)


def test_a_role_for_one_place_decides_nothing_for_all(staff: Staff) -> None:
    at_grid = Role("coordinator", staff.town.grid_ids[0])
    make.staff(staff.session, staff.town, at_grid)
    staff.end(staff.approver, staff.head)
    with pytest.raises(LastOfStaff):
        staff.end(staff.other, staff.head)


def test_who_leaves_keeps_nothing_that_waits(staff: Staff) -> None:
    granted = staff.grant("cashier")
    staff.do(actions.close_user, staff.head, user_id=staff.keeper.user_id)
    assert queries.open_invitations(staff.session, 1, now=staff.now) == []
    with pytest.raises(WrongState):
        told = {"invitation_id": granted.invitation_id}
        staff.do(actions.confirm_invitation, staff.approver, **told)
    with pytest.raises(WrongState) as refused:
        staff.grant("hotline")
    assert refused.value.facts == {"kind": "user", "state": "closed"}
    rows = staff.session.execute(select(staff_role.c.ended_at).join(
        app_user, app_user.c.id == staff_role.c.user_id
    ).where(app_user.c.id == staff.keeper.user_id)).all()  # fmt: skip
    assert rows and all(row.ended_at == staff.now for row in rows), "the history stays"


def test_one_offer_waits_for_one_person(staff: Staff) -> None:
    staff.grant("cashier")
    with pytest.raises(WrongState):
        staff.grant("auditor")
    assert len(staff.session.execute(select(invitation)).all()) == 1


def test_an_unknown_user_role_or_place_is_refused(staff: Staff) -> None:
    with pytest.raises(NotFound):
        staff.grant("cashier", user_id=404)
    with pytest.raises(BadInput):
        staff.grant("emperor")
    with pytest.raises(NotFound):
        staff.grant("cashier", place_id=404)
    assert staff.session.execute(select(invitation)).all() == []


def test_a_person_adds_no_staff_with_a_password(staff: Staff) -> None:
    person_id = make.make_person(staff.session, staff.town)
    told = {"person_id": person_id, "login_name": "lin", "password": make.PASSWORD}
    for role in ("keeper", "cashier"):
        with pytest.raises(NotAllowed):
            staff.do(actions.add_user, staff.head, roles=(Role(role),), **told)


def test_the_list_says_how_each_signs_in(staff: Staff) -> None:
    new_visit(Deed(staff.session, staff.keeper, staff.now - timedelta(days=2)))
    new_visit(Deed(staff.session, staff.keeper, staff.now - timedelta(hours=2)))
    new_visit(Deed(staff.session, staff.head, staff.now), lacks="code")
    signs = queries.staff_signs(staff.session, staff.town.community_id)
    keeper, head = signs[staff.keeper.user_id or 0], signs[staff.head.user_id or 0]
    assert (keeper.last_at, keeper.has_factor) == (staff.now - timedelta(hours=2), False)
    assert head.last_at is None, "a password alone is no sign-in where a code is lacking"
