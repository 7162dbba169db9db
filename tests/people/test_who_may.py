"""Every action on people, tried by the stranger and by the neighbour community."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import only_on
from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.tables import audit_line
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError
from timebank.people import actions, queries
from timebank.people.actions import (
    NewDetails,
    NewHousehold,
    NewOrganisation,
    NewPerson,
    NewPlace,
    NewProof,
    give_consent,
)
from timebank.values import By, Role

DAY = date(2025, 6, 10)
REASON = "补办服务卡，核对住址"
FREE = {
    # Actions of the set-up, when no actor exists yet, those of the sign-in (see test_sign_in.py)
    # and of one's own visits (see test_visits.py); reveal is tried below, end_pin_wish in
    # test_pin_wishes.py, and the deeds of a second person, which the set-up is not, in
    # test_paper_checks.py and test_openings.py.
    "end_pin_wish", "found_community", "sign_in", "sign_in_by_card", "sign_out", "reveal", "audit",
    "check_card_pin", "check_paper", "answer_openings", "reveal_name",
    "open_visit", "see_visit", "end_visit", "end_other_visits",
    # These concern one's own secrets (see test_second_factor.py).
    "prove", "check_own", "way_of", "draw_second_factor", "confirm_second_factor",
    "end_second_factor", "forget_second_factor", "forget_device", "unlock", "unlock_address",
    # These need a person with a name: see test_pins.py.
    "set_pin", "ask_pin_reset", "reset_pin", "read_pin_reset",
    # And these, or one's own password: see test_password_resets.py and test_users.py.
    "ask_password_reset", "reset_password", "read_password_reset", "change_password",
    # And these: see test_card_issues.py and test_pictures.py. The clock forgets pictures.
    "ask_card", "give_card", "read_card_issue", "prove_holder", "show_code", "open_picture",
    "forget_pictures",
    # An invitation is tried by every role in test_invitations.py and in the matrix of the routes;
    # a code and its use take a database, because they are never stored with a request id.
    "invite_user", "confirm_invitation", "withdraw_invitation", "draw_invitation_code",
    "accept_invitation",
    # Nobody but a person ends a relation: see test_relations.py.
    "end_relation",
    # See test_representatives.py.
    "invite_representative", "name_representative", "end_representative",
    # Two people, or oneself with the card of the agent: see tests/aid/test_agents.py.
    "ask_mandate", "confirm_mandate", "give_mandate", "end_mandate",
    # A draft is read by its owner alone: see test_drafts.py.
    "keep_draft", "drop_draft", "forget_drafts",
}  # fmt: skip


# Whoever holds a card may do these with their own: another's card is not found.
OWN_OR_COUNTER = {"ask_for_pin", "revoke_card", "set_pin", "set_card_preferences"}


class Case:
    """Another family, with everything that can be done to it."""

    def __init__(self, session: Session, town: Town) -> None:
        self.town = town
        self.family = make.make_household(session, town)
        self.person_id = self.family.person_ids[0]
        self.user = make.make_user(session, town, self.person_id, Role("auditor"))
        self.card = make.make_card(session, town, self.person_id, make.PIN)
        self.proof_id = make.make_proof(session, town, self.family.household_id)
        self.outsider_id = make.make_person(session, town)
        deed = Deed(session, town.by, make.LONG_AGO, a_request_id())
        give_consent(deed, person_id=self.person_id, kind="register")
        (held,) = queries.staff(session, town.community_id, user_id=self.user.user_id)
        self.role_id = held.role_id
        empty = (NewPlace("building", 8, "8", "8", town.grid_ids[0]),)
        deed = Deed(session, town.by, make.LONG_AGO, a_request_id())
        (self.empty_id,) = actions.add_places(deed, places=empty).place_ids

    def content(self, action: str) -> dict[str, Any]:
        """The arguments of each action; each names something of the family."""
        someone = NewPerson("王丙三")
        household_id, building_id = self.family.household_id, self.town.building_ids[0]
        return {
            "add_places": {"places": (NewPlace("building", 9, "9", "9", self.town.grid_ids[0]),)},
            "change_place": {"place_id": building_id, "name_zh": "九号楼", "name_en": "Nine"},
            "end_place": {"place_id": self.empty_id, "note": "拆了"},
            "add_organisations": {"organisations": (NewOrganisation("书店"),)},
            "enrol_households": {"households": (NewHousehold("H-0900", building_id, "1"),)},
            "enrol_people": {"people": (someone,), "household_id": household_id},
            "add_proofs": {
                "proofs": (NewProof(household_id, "dibao", DAY, DAY, None, "A-1", "民政局"),)
            },
            "end_proof": {"proof_id": self.proof_id, "ended_on": DAY, "reason": "x"},
            "record_relation": {
                "person_id": self.person_id, "other_person_id": self.outsider_id,
                "kind": "other", "from_on": DAY,
            },
            "issue_card": {"person_id": self.person_id},
            "issue_cards": {"person_ids": (self.outsider_id,)},
            "revoke_card": {"card_id": self.card.id},
            "ask_for_pin": {"card_id": self.card.id},
            "set_card_preferences": {
                "card_id": self.card.id, "language": "en", "large_text": True,
            },
            "add_user": {
                "person_id": self.outsider_id, "login_name": "new", "password": make.PASSWORD,
            },
            "grant_role": {"user_id": self.user.user_id, "role": "keeper"},
            "end_role": {"role_id": self.role_id},
            "close_user": {"user_id": self.user.user_id},
            "move_age_groups": {},
            "change_person": {
                "person_id": self.person_id, "details": NewDetails(name="王丙三"),
            },
            "change_home": {
                "household_id": household_id, "building_id": building_id, "door": "9",
            },
            "give_consent": {"person_id": self.person_id, "kind": "sensitive"},
            "withdraw_consent": {"person_id": self.person_id, "kind": "register"},
        }[action]  # fmt: skip


@pytest.fixture
def case(session: Session) -> Case:
    return Case(session, make.make_town(session))


ACTIONS = sorted(
    name
    for name in actions.__all__
    if name.islower() and name not in FREE and callable(getattr(actions, name))
)


def _attempt(session: Session, case: Case, action: str, by: By, now: datetime) -> None:
    run: Callable[..., Any] = getattr(actions, action)
    run(Deed(session, by, now, a_request_id()), **case.content(action))


@only_on("sqlite")
@pytest.mark.parametrize("action", ACTIONS)
def test_the_set_up_may_do_what_the_others_are_refused(
    action: str, session: Session, case: Case, now: datetime
) -> None:
    """So the refusals below are due to the actor, not to the arguments."""
    _attempt(session, case, action, case.town.by, now)


@only_on("sqlite")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("persona", [make.stranger, make.auditor])
def test_the_stranger_and_the_auditor_change_nothing(
    action: str, persona: Any, session: Session, case: Case, now: datetime
) -> None:
    by = persona(session, case.town)
    before = len(session.scalars(select(audit_line.c.id)).all())
    with pytest.raises(NotFound if action in OWN_OR_COUNTER else NotAllowed):
        _attempt(session, case, action, by, now)
    assert len(session.scalars(select(audit_line.c.id)).all()) == before


# Only the set-up makes cards so: every person is refused, before anybody is looked up.
OF_THE_SET_UP = {"issue_card", "issue_cards"}
OF_NOBODY = {"add_organisations", "move_age_groups", *OF_THE_SET_UP}


@only_on("sqlite")
@pytest.mark.parametrize("action", sorted(set(ACTIONS) - OF_NOBODY))
def test_the_neighbour_community_reaches_nobody_of_ours(
    action: str, session: Session, case: Case, now: datetime
) -> None:
    with pytest.raises(TimebankError) as refused:
        _attempt(session, case, action, make.neighbour(session), now)
    told = refused.value
    # Our grid is not one of theirs: the place is unknown, like everything else of ours.
    is_unknown = isinstance(told, NotFound) or (
        isinstance(told, BadInput) and told.facts["why"] == "unknown"
    )
    assert is_unknown


@only_on("sqlite")
def test_the_neighbours_firms_are_the_neighbours(
    session: Session, case: Case, now: datetime
) -> None:
    _attempt(session, case, "add_organisations", make.neighbour(session), now)
    assert queries.organisations(session, case.town.community_id) == []


@pytest.fixture
def real(fresh_database: Database) -> tuple[Database, Case]:
    made = fresh_database.write(lambda session, now: Case(session, make.make_town(session)))
    return fresh_database, made


def _reveal(database: Database, case: Case, by: By, **told: Any) -> actions.Revealed:
    asked = {"person_id": case.person_id, "columns": ("id_no", "door"), "reason": REASON, **told}
    return actions.reveal(database, by=by, **asked)


@only_on("sqlite")
def test_revealing_opens_what_was_asked_and_leaves_a_line(real: tuple[Database, Case]) -> None:
    database, case = real
    head = database.write(lambda session, now: make.coordinator(session, case.town))
    opened = _reveal(database, case, head)
    assert opened.id_no.startswith("990106") and opened.door and not opened.phone
    assert opened.id_no not in repr(opened)
    with database.reading() as session:
        line = audit_lines(session, case.town.community_id)[0]
    assert (line.name, line.client, line.subject_id) == ("reveal", head.client, case.person_id)
    assert REASON in line.facts and opened.id_no not in line.facts


@only_on("sqlite")
def test_oneself_may_always_look(real: tuple[Database, Case]) -> None:
    database, case = real
    opened = _reveal(database, case, case.user, columns=("phone", "notes"), reason="")
    assert opened.phone.startswith("100") and opened.notes


@only_on("sqlite")
def test_somebody_without_papers_has_nothing_to_reveal(real: tuple[Database, Case]) -> None:
    database, case = real
    head = database.write(lambda session, now: make.coordinator(session, case.town))
    opened = _reveal(database, case, head, person_id=case.outsider_id, columns=("door",))
    assert opened.door == ""


@only_on("sqlite")
def test_others_reveal_nothing(real: tuple[Database, Case]) -> None:
    database, case = real
    town = case.town
    for persona in (make.stranger, make.auditor, make.keeper):
        by = database.write(lambda session, now, persona=persona: persona(session, town))
        with pytest.raises(NotAllowed):
            _reveal(database, case, by)
    there = database.write(lambda session, now: make.make_household(session, town, building=1))
    worker = database.write(lambda session, now: make.grid_worker(session, town))
    _reveal(database, case, worker)
    with pytest.raises(NotFound):
        _reveal(database, case, worker, person_id=there.person_ids[0])
    neighbour = database.write(lambda session, now: make.neighbour(session))
    with pytest.raises(NotFound):
        _reveal(database, case, neighbour)


@only_on("sqlite")
@pytest.mark.parametrize(
    "told", [{"columns": ()}, {"columns": ("name",)}, {"reason": " "}, {"reason": "."}]
)
def test_a_reveal_without_reason_or_column_is_refused(
    told: dict[str, Any], real: tuple[Database, Case]
) -> None:
    database, case = real
    head = database.write(lambda session, now: make.coordinator(session, case.town))
    with pytest.raises(BadInput):
        _reveal(database, case, head, **told)
