"""Visits are rows: what ends them closes every copy of a token at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import PASSWORD, PIN, Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.people import actions, queries
from timebank.people.actions import SignedIn
from timebank.people.actions.visits import new_visit
from timebank.people.refusals import SignInFailed
from timebank.people.rules.throttles import Origin
from timebank.people.rules.visits import VISIT_FORGOTTEN, VISIT_LIFE, device_words
from timebank.people.tables import visit
from timebank.values import By, Role

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


class Home:
    """A keeper with a name, a password, a card and a PIN, signed in by each."""

    def __init__(self, session: Session, town: Town, now: datetime) -> None:
        self.session, self.town, self.now = session, town, now
        self.by = make.make_user(
            session, town, make.make_person(session, town), Role("keeper", town.store_place_id)
        )
        assert self.by.person_id is not None and self.by.user_id is not None
        self.card = make.make_card(session, town, self.by.person_id, PIN)
        by_card = queries.by_of_card(session, town.community_id, self.card.id)
        assert by_card is not None
        self.by_card = by_card
        self.named, self.carded = self.visit(self.by), self.visit(by_card)

    def visit(self, by: By, **told: Any) -> SignedIn:
        return new_visit(Deed(self.session, by, self.now), **told)

    def why(self, signed: SignedIn, *, now: datetime | None = None) -> str | None:
        """Why a visit ended; empty while it goes on, None where no visit is found."""
        found = queries.visit_of_token(
            self.session, self.town.community_id, signed.token, now=now or self.now
        )
        return None if found is None else found.ended_why

    def deed(self, action: Any, *, by: By | None = None, **content: Any) -> Any:
        deed = Deed(self.session, by or self.town.by, self.now, a_request_id())
        return action(deed, **content)


@pytest.fixture
def home(session: Session, town: Town, now: datetime) -> Home:
    return Home(session, town, now)


def test_a_token_finds_its_person_with_their_roles(home: Home) -> None:
    found = queries.visit_of_token(
        home.session, home.town.community_id, home.named.token, now=home.now
    )
    assert found is not None
    assert (found.by, found.id, found.ended_why) == (home.by, home.named.visit_id, "")
    with_card = queries.visit_of_token(
        home.session, home.town.community_id, home.carded.token, now=home.now
    )
    assert with_card is not None and with_card.by == home.by_card
    for community_id, token in ((home.town.community_id + 1, home.named.token), (1, ""), (1, "x")):
        assert queries.visit_of_token(home.session, community_id, token, now=home.now) is None


def test_the_database_holds_no_token(home: Home) -> None:
    rows = home.session.execute(select(visit)).all()
    assert len(rows) == 2 and home.named.token not in repr(rows)
    assert home.named.token not in repr(home.named)


def test_a_token_of_a_program_opens_no_page_and_the_other_way_round(home: Home) -> None:
    program = home.visit(home.by, kind="api")
    assert home.why(program) is None
    asked = {"now": home.now, "kind": "api"}
    community_id = home.town.community_id
    assert queries.visit_of_token(home.session, community_id, program.token, **asked)
    assert queries.visit_of_token(home.session, community_id, home.named.token, **asked) is None


@pytest.mark.parametrize(
    ("deed", "ended"),
    [
        ("change_password", ("password", "password")),
        ("set_pin", ("pin", "pin")),
        ("grant_role", ("role", "")),
        ("end_role", ("role", "")),
        ("close_user", (None, "")),
        ("revoke_card", ("", None)),
        ("issue_card", ("", None)),
    ],
)
def test_a_change_ends_the_visits_everywhere(
    home: Home, deed: str, ended: tuple[str | None, str | None]
) -> None:
    (held,) = queries.staff(home.session, home.town.community_id, user_id=home.by.user_id)
    content: dict[str, dict[str, Any]] = {
        "change_password": {
            "user_id": home.by.user_id, "password": "another lantern", "old_password": PASSWORD,
        },
        "set_pin": {"card_id": home.card.id, "pin": "2718"},
        "grant_role": {"user_id": home.by.user_id, "role": "hotline"},
        "end_role": {"role_id": held.role_id},
        "close_user": {"user_id": home.by.user_id},
        "revoke_card": {"card_id": home.card.id},
        "issue_card": {"person_id": home.by.person_id},
    }  # fmt: skip
    by = {"by": home.by_card, "old_pin": PIN} if deed == "set_pin" else {}
    by |= {"by": home.by} if deed == "change_password" else {}
    home.deed(getattr(actions, deed), **by, **content[deed])
    assert (home.why(home.named), home.why(home.carded)) == ended
    whys = set(home.session.scalars(select(visit.c.ended_why)))
    assert whys - {None}, "the row itself has ended, and not only its user or card"


def test_the_visits_of_others_go_on(home: Home) -> None:
    other = home.visit(make.resident(home.session, home.town))
    changed = {"password": "another lantern", "old_password": PASSWORD}
    home.deed(actions.change_password, by=home.by, user_id=home.by.user_id, **changed)
    own = {"card_id": home.card.id, "old_pin": PIN, "pin": "2718"}
    home.deed(actions.set_pin, by=home.by_card, **own)
    home.deed(actions.end_other_visits, by=home.by, keep_id=home.named.visit_id)
    assert home.why(other) == ""


def test_one_ends_ones_other_visits_and_keeps_this_one(home: Home) -> None:
    ended = home.deed(actions.end_other_visits, by=home.by, keep_id=home.named.visit_id)
    assert ended.visits == 1
    assert (home.why(home.named), home.why(home.carded)) == ("", "other_visit")
    listed = queries.open_visits(home.session, home.by, now=home.now)
    assert [one.id for one in listed] == [home.named.visit_id]


def test_one_ends_no_visit_of_a_neighbour(home: Home) -> None:
    stranger = make.stranger(home.session, home.town)
    ended = home.deed(actions.end_visit, by=stranger, visit_id=home.named.visit_id)
    assert ended.visits == 0 and home.why(home.named) == ""
    ended = home.deed(actions.end_visit, by=home.by, visit_id=home.named.visit_id)
    assert ended.visits == 1 and home.why(home.named) == "other_visit"


def test_a_visit_ends_after_a_working_day(home: Home) -> None:
    last = home.now + VISIT_LIFE["web"]
    assert home.why(home.named, now=last - timedelta(seconds=1)) == ""
    assert home.why(home.named, now=last) == "idle"
    assert queries.open_visits(home.session, home.by, now=last) == []


def test_the_old_pin_is_asked_of_the_holder(home: Home) -> None:
    own = {"by": home.by_card, "card_id": home.card.id, "pin": "2718"}
    for wrong in ("", "0000"):
        with pytest.raises(SignInFailed):
            home.deed(actions.set_pin, old_pin=wrong, **own)
    home.deed(actions.set_pin, old_pin=PIN, **own)


def test_visits_of_long_ago_are_forgotten(home: Home) -> None:
    later = Deed(home.session, home.by, home.now + VISIT_FORGOTTEN + VISIT_LIFE["web"])
    new_visit(later)
    assert len(home.session.scalars(select(visit.c.id)).all()) == 3
    new_visit(Deed(home.session, home.by, later.now + timedelta(seconds=1)))
    assert len(home.session.scalars(select(visit.c.id)).all()) == 2


@pytest.mark.parametrize(
    "change", [{"ended_at": None, "ended_why": None}, {"ended_why": "idle"}, {"device": "x"}]
)
def test_the_database_reopens_no_visit(home: Home, change: dict[str, Any]) -> None:
    home.deed(actions.end_visit, by=home.by, visit_id=home.named.visit_id)
    with pytest.raises(DBAPIError), home.session.begin_nested():
        home.session.execute(
            update(visit).where(visit.c.id == home.named.visit_id).values(**change)
        )


def test_the_database_gives_a_visit_to_nobody_else(home: Home) -> None:
    other = make.resident(home.session, home.town)
    with pytest.raises(DBAPIError), home.session.begin_nested():
        home.session.execute(update(visit).values(person_id=other.person_id))


def test_a_password_that_changes_during_the_sign_in_opens_nothing(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visit would outlive the change, which ends those that it finds."""
    database = fresh_database
    by = database.write(lambda session, now: make.resident(session, make.make_town(session)))
    check = actions.sign_in.__globals__["is_secret_of"]

    def slow(secret_hash: str, secret: str) -> bool:
        monkeypatch.undo()
        database.write(
            lambda session, now: actions.change_password(
                Deed(session, by, now, a_request_id()),
                user_id=by.user_id or 0, password="another lantern", old_password=PASSWORD,
            )
        )  # fmt: skip
        return bool(check(secret_hash, secret))

    monkeypatch.setitem(actions.sign_in.__globals__, "is_secret_of", slow)
    with pytest.raises(SignInFailed):
        actions.sign_in(
            database, community_id=by.community_id, login_name=f"user-{by.person_id}",
            password=PASSWORD, origin=Origin("192.0.2.1"), now=database.clock(),
        )  # fmt: skip
    with database.reading() as session:
        assert session.scalars(select(visit.c.id)).all() == []


def test_a_device_is_told_by_families_only() -> None:
    assert device_words(CHROME) == "Chrome · Android"
    assert device_words("curl/8.0") == "" and device_words("") == ""


@pytest.mark.parametrize("persona", [make.auditor, "accountant"])
def test_who_checks_the_books_opens_a_name_with_a_reason_and_nothing_else(
    fresh_database: Database, persona: Any
) -> None:
    def work(session: Session, now: datetime) -> tuple[Town, By, By]:
        town = make.make_town(session)
        by = make.staff(session, town, Role("accountant"))
        by = by if persona == "accountant" else persona(session, town)
        return town, by, make.resident(session, town)

    town, by, resident = fresh_database.write(work)
    assert resident.person_id is not None
    told = {"by": by, "person_id": resident.person_id}
    with pytest.raises(BadInput):
        actions.reveal_name(fresh_database, reason=" ", **told)
    for columns in (("phone",), ("name",), ("name", "phone"), ("door",), ()):
        with pytest.raises(NotAllowed):
            actions.reveal(fresh_database, columns=columns, reason="audit", **told)
    opened = actions.reveal_name(fresh_database, reason="check receipt 12", **told)
    with fresh_database.reading() as session:
        brief = queries.person_brief(session, town.community_id, resident.person_id)
        (line,) = audit_lines(session, town.community_id, name="reveal")
        (seen,) = queries.openings_about(session, town.community_id, resident.person_id)
        found = queries.search_people(session, by, brief.name) if persona != "accountant" else []
    assert opened == brief.name and "check receipt 12" in line.facts
    assert (seen.columns, seen.reason) == (("name",), "check receipt 12")
    assert all(one.is_masked for one in found)
    assert seen.opener_name


def test_a_keeper_opens_no_name(fresh_database: Database) -> None:
    def work(session: Session, now: datetime) -> tuple[By, By]:
        town = make.make_town(session)
        return make.keeper(session, town), make.resident(session, town)

    keeper, resident = fresh_database.write(work)
    told = {"person_id": resident.person_id or 0, "reason": "check receipt 12"}
    for by in (keeper, resident):
        with pytest.raises(NotAllowed):
            actions.reveal_name(fresh_database, by=by, **told)
    neighbour = fresh_database.write(lambda session, now: make.neighbour(session))
    with pytest.raises(NotFound):
        actions.reveal_name(fresh_database, by=neighbour, **told)
