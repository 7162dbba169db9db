"""Invitations: who may invite and confirm, a code that works once, and roles that end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import people as make
from tests.factories.people import PASSWORD, Town, a_request_id, by_founder
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.deeds.tables import audit_line
from timebank.deeds.tables import deed as deed_table
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import SignedIn
from timebank.people.closeness import SamePerson
from timebank.people.refusals import InvitationUnknown, TooManyTries
from timebank.people.rules.invitations import INVITATION_LIFE, InvitedRole
from timebank.people.rules.throttles import SOURCE, THROTTLES, Origin
from timebank.people.tables import invitation
from timebank.values import By, Role, local_day

HERE = Origin("192.0.2.1")
GRID = (InvitedRole("grid_worker"),)
CASHIER = (InvitedRole("cashier"),)


class Heads:
    """Two coordinators, and somebody whom they invite."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = self.write(make.make_town)
        self.first: By = self.write(make.coordinator, self.town)
        self.second: By = self.write(make.coordinator, self.town)
        self.person_id: int = self.write(make.make_person, self.town)

    @property
    def now(self) -> datetime:
        return self.database.clock()

    def write(self, work: Any, *rest: Any) -> Any:
        return self.database.write(lambda session, now: work(session, *rest))

    def do(self, action: Any, by: By, **content: Any) -> Any:
        told = {"by": by, "request_id": a_request_id()}
        return perform(self.database, action, **told, **content)

    def invite(self, roles: tuple[InvitedRole, ...] = GRID, **whom: Any) -> int:
        whom = whom or {"person_id": self.person_id}
        made = self.do(actions.invite_user, self.first, roles=roles, **whom)
        return int(made.invitation_id)

    def settle(self, action: Any, invitation_id: int, by: By | None = None) -> None:
        self.do(action, by or self.second, invitation_id=invitation_id)

    def draw(self, invitation_id: int, by: By | None = None) -> str:
        told = {"by": by or self.first, "invitation_id": invitation_id}
        return actions.draw_invitation_code(self.database, **told).code

    def accept(self, code: str, later: timedelta = timedelta(), **changed: Any) -> SignedIn:
        told = {"login_name": "newcomer", "password": PASSWORD, "origin": HERE, "code": code}
        told |= {"community_id": self.town.community_id, "now": self.now + later, **changed}
        return actions.accept_invitation(self.database, **told)

    def roles(self, signed: SignedIn, now: datetime) -> set[Role]:
        with self.database.reading() as session:
            community_id = self.town.community_id
            visit = queries.visit_of_token(session, community_id, signed.token, now=now)
            user_id = signed.by.user_id or 0
            by = queries.by_of_user(session, community_id, user_id, now=now)
        assert visit is not None and by is not None and visit.by.roles == by.roles
        return set(by.roles)


@pytest.fixture
def heads(fresh_database: Database) -> Heads:
    return Heads(fresh_database)


def test_an_invited_person_chooses_name_and_password_and_has_the_roles(heads: Heads) -> None:
    grid_id = heads.town.grid_ids[0]
    code = heads.draw(heads.invite((InvitedRole("grid_worker", grid_id), InvitedRole("hotline"))))
    signed = heads.accept(code.lower().replace("-", " "))
    assert signed.by.person_id == heads.person_id and signed.lacks == ""
    assert signed.by.roles == {Role("grid_worker", grid_id), Role("hotline")}
    told = {"login_name": "newcomer", "password": PASSWORD, "origin": HERE, "now": heads.now}
    again = actions.sign_in(heads.database, community_id=heads.town.community_id, **told)
    assert again.by.roles == signed.by.roles


def test_somebody_from_outside_is_invited_by_name_and_phone(heads: Heads) -> None:
    signed = heads.accept(heads.draw(heads.invite(name="钟丁九", phone="13800001234")))
    assert signed.by.household_id is None and signed.by.roles == {Role("grid_worker")}
    with pytest.raises(BadInput) as refused:
        heads.invite(name="钟丁八", phone=" ")
    assert refused.value.facts["field"] == "phone"


def test_a_code_works_once_and_only_the_newest(heads: Heads) -> None:
    invited = heads.invite()
    old, code = heads.draw(invited), heads.draw(invited)
    with pytest.raises(InvitationUnknown):
        heads.accept(old)
    heads.accept(code)
    with pytest.raises(InvitationUnknown):
        heads.accept(code, login_name="another")
    with pytest.raises(WrongState):
        heads.draw(invited)


def test_a_code_is_over_after_seven_days(heads: Heads) -> None:
    code = heads.draw(heads.invite())
    with pytest.raises(InvitationUnknown):
        heads.accept(code, later=INVITATION_LIFE + timedelta(seconds=1))
    heads.accept(code, later=INVITATION_LIFE - timedelta(hours=1))


def test_a_withdrawn_invitation_opens_nothing(heads: Heads) -> None:
    invited = heads.invite()
    code = heads.draw(invited)
    heads.settle(actions.withdraw_invitation, invited)
    with pytest.raises(InvitationUnknown):
        heads.accept(code)
    for action in (actions.withdraw_invitation, actions.confirm_invitation):
        with pytest.raises(WrongState):
            heads.settle(action, invited)
    heads.accept(heads.draw(heads.invite()))


def test_a_weighty_role_needs_a_second_coordinator(heads: Heads) -> None:
    invited = heads.invite(CASHIER)
    with pytest.raises(WrongState):
        heads.draw(invited)
    with pytest.raises(SamePerson):
        heads.settle(actions.confirm_invitation, invited, heads.first)
    heads.settle(actions.confirm_invitation, invited)
    with pytest.raises(WrongState):
        heads.settle(actions.confirm_invitation, invited)
    signed = heads.accept(heads.draw(invited))
    assert (signed.lacks, signed.by.roles) == ("set_up", {Role("cashier")})


def test_a_housemate_of_who_invites_does_not_confirm(heads: Heads) -> None:
    def couple(session: Any) -> tuple[By, By]:
        one, other = make.new_person(born=1980), make.new_person(born=1981)
        ids = make.make_household(session, heads.town, one, other).person_ids
        role = Role("coordinator")
        made = [make.make_user(session, heads.town, person_id, role) for person_id in ids]
        return made[0], made[1]

    heads.first, housemate = heads.write(couple)
    with pytest.raises(SamePerson):
        heads.settle(actions.confirm_invitation, heads.invite(CASHIER), housemate)


def test_nobody_invites_themselves_their_household_or_twice(heads: Heads) -> None:
    home = heads.write(lambda session: make.make_household(
        session, heads.town, make.new_person(born=1980), make.new_person(born=1981)
    ))  # fmt: skip
    heads.first = heads.write(make.make_user, heads.town, home.person_ids[0], Role("coordinator"))
    with pytest.raises(NotAllowed):
        heads.invite(person_id=home.person_ids[1])
    with pytest.raises(WrongState):
        heads.invite(person_id=home.person_ids[0])  # Has a user already.
    heads.invite()
    with pytest.raises(WrongState):
        heads.invite()
    with pytest.raises(NotFound):
        heads.invite(person_id=404)


def test_only_a_coordinator_invites(heads: Heads) -> None:
    worker = heads.write(make.social_worker, heads.town)
    invited = heads.invite(CASHIER)
    with pytest.raises(NotAllowed):
        heads.do(actions.invite_user, worker, person_id=heads.person_id, roles=GRID)
    for action in (actions.confirm_invitation, actions.withdraw_invitation):
        with pytest.raises(NotAllowed):
            heads.settle(action, invited, worker)
    with pytest.raises(NotAllowed):
        heads.draw(invited, worker)


def test_the_set_up_invites_until_there_is_a_coordinator(fresh_database: Database) -> None:
    town: Town = fresh_database.write(lambda session, now: make.make_town(session))
    told: dict[str, Any] = {"by": by_founder(), "roles": (InvitedRole("coordinator"),)}
    codes = []
    for name in ("何甲二", "何甲三"):
        whom = {"name": name, "phone": "13800001234", "request_id": a_request_id()}
        made = perform(fresh_database, actions.invite_user, **told, **whom)
        drawn = {"by": by_founder(), "invitation_id": made.invitation_id}
        codes.append(actions.draw_invitation_code(fresh_database, **drawn).code)
    for number, code in enumerate(codes):
        actions.accept_invitation(
            fresh_database, community_id=town.community_id, code=code, origin=HERE,
            login_name=f"head{number}", password=PASSWORD, now=fresh_database.clock(),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        whom = {"name": "何甲四", "phone": "13800001235", "request_id": a_request_id()}
        perform(fresh_database, actions.invite_user, **told, **whom)


def test_a_role_with_a_last_day_ends_by_itself(heads: Heads) -> None:
    last_on = local_day(heads.now) + timedelta(days=2)
    roles = (InvitedRole("hotline", last_on=last_on), InvitedRole("keeper"))
    signed = heads.accept(heads.draw(heads.invite(roles)))
    with heads.database.reading() as session:
        of_user = {"user_id": signed.by.user_id, "now": heads.now}
        listed = queries.staff(session, heads.town.community_id, **of_user)
    until_at = next(one.until_at for one in listed if one.role == "hotline")
    assert until_at is not None and local_day(until_at) == last_on + timedelta(days=1)
    assert heads.roles(signed, until_at - timedelta(seconds=1)) == {one.role for one in roles}
    assert heads.roles(signed, until_at) == {Role("keeper")}
    with heads.database.reading() as session:
        of_user = {"user_id": signed.by.user_id, "now": until_at}
        left = queries.staff(session, heads.town.community_id, **of_user)
    assert [one.role for one in left] == ["keeper"]


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        ((), "missing"),
        ((InvitedRole("emperor"),), "unknown"),
        ((InvitedRole("keeper"), InvitedRole("keeper")), "same_role"),
        (tuple(InvitedRole("keeper", place) for place in range(1, 7)), "too_many"),
    ],
)
def test_impossible_roles_are_refused(
    heads: Heads, roles: tuple[InvitedRole, ...], why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        heads.invite(roles)
    assert refused.value.facts["why"] == why


def test_a_last_day_that_is_past_or_an_unknown_place_is_refused(heads: Heads) -> None:
    yesterday = local_day(heads.now) - timedelta(days=1)
    with pytest.raises(BadInput) as refused:
        heads.invite((InvitedRole("keeper", last_on=yesterday),))
    assert refused.value.facts["field"] == "last_on"
    with pytest.raises(NotFound):
        heads.invite((InvitedRole("keeper", place_id=404),))


def test_guesses_are_slowed_down_by_address(heads: Heads) -> None:
    code = heads.draw(heads.invite())
    with pytest.raises(BadInput):
        heads.accept("no code")
    for _ in range(THROTTLES[SOURCE].free):
        with pytest.raises(InvitationUnknown):
            heads.accept("00000-00000")
    with pytest.raises(TooManyTries):
        heads.accept(code)
    heads.accept(code, origin=Origin("192.0.2.2"))


def test_a_weak_password_or_a_taken_name_leaves_the_code_usable(heads: Heads) -> None:
    code = heads.draw(heads.invite())
    heads.write(
        lambda session: make.make_user(
            session, heads.town, make.make_person(session, heads.town), login_name="taken"
        )
    )
    for changed in ({"password": "password1"}, {"login_name": "taken"}):
        with pytest.raises(BadInput):
            heads.accept(code, **changed)
    heads.accept(code)


def test_the_code_lies_nowhere(heads: Heads) -> None:
    code = heads.draw(heads.invite())
    heads.accept(code)
    with heads.database.reading() as session:
        rows = [str(row) for table in (invitation, deed_table, audit_line)
                for row in session.execute(select(table))]  # fmt: skip
    assert rows and not any(part in row for row in rows for part in (code, code.replace("-", "")))
