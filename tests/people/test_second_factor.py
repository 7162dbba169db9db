"""The second factor: a code works once, is slow to guess, and its secrets lie nowhere in clear."""

from datetime import date, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import PASSWORD, PIN, Town, a_request_id
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.deeds.tables import audit_line
from timebank.deeds.tables import deed as deed_table
from timebank.errors import BadInput, NotAllowed, WrongState
from timebank.people import actions, queries
from timebank.people.actions import SignedIn
from timebank.people.refusals import SignInFailed, TooManyTries
from timebank.people.rules.throttles import PAIR, THROTTLES, Origin
from timebank.people.rules.visits import (
    FACTOR_ROLES,
    FACTOR_ROLES_KEY,
    RECOVERY_CODES,
    read_code,
    recovery_code,
)
from timebank.people.tables import recovery_code as code_table
from timebank.people.tables import second_factor, visit
from timebank.policy.actions import load_preset, set_parameter
from timebank.values import By, Role

HERE = Origin("192.0.2.1")


class Phone:
    """A user with a password, and the phone that shows their codes."""

    def __init__(self, database: Database, *roles: str) -> None:
        self.database = database
        self.town: Town = database.write(lambda session, now: make.make_town(session))
        self.by: By = database.write(
            lambda session, now: make.staff(session, self.town, *(Role(role) for role in roles))
        )
        self.secret = ""

    @property
    def now(self) -> datetime:
        return self.database.clock()

    def draw(self) -> None:
        perform(self.database, actions.draw_second_factor, by=self.by, request_id=a_request_id())
        with self.database.reading() as session:
            drawn = queries.drawn_factor(session, self.by)
        assert drawn is not None
        self.secret = drawn.secret

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.now + timedelta(seconds=30 * steps))

    def confirm(self, code: str | None = None) -> tuple[str, ...]:
        told = {"by": self.by, "code": code or self.code(), "now": self.now}
        return actions.confirm_second_factor(self.database, origin=HERE, **told).recovery_codes

    def sign_in(self) -> SignedIn:
        return actions.sign_in(
            self.database, community_id=self.town.community_id, password=PASSWORD,
            login_name=f"user-{self.by.person_id}", origin=HERE, now=self.now,
        )  # fmt: skip

    def prove(self, secret: str, signed: SignedIn) -> None:
        told = {"by": self.by, "visit_id": signed.visit_id, "secret": secret, "now": self.now}
        actions.prove(self.database, origin=HERE, **told)

    def lacks(self, signed: SignedIn) -> str:
        with self.database.reading() as session:
            found = queries.visit_of_token(
                session, self.town.community_id, signed.token, now=self.now
            )
        assert found is not None
        return found.lacks


@pytest.fixture
def phone(fresh_database: Database) -> Phone:
    return Phone(fresh_database)


def test_a_confirmed_phone_is_asked_for_at_the_next_sign_in(phone: Phone) -> None:
    assert phone.lacks(phone.sign_in()) == ""
    phone.draw()
    assert phone.lacks(phone.sign_in()) == "", "a drawn secret is not a second factor yet"
    phone.confirm()
    signed = phone.sign_in()
    assert phone.lacks(signed) == "code"
    phone.database.clock.move(seconds=30)  # type: ignore[attr-defined]
    phone.prove(phone.code(), signed)
    assert phone.lacks(signed) == ""


def test_setting_up_ends_all_visits(phone: Phone) -> None:
    signed = phone.sign_in()
    phone.draw()
    phone.confirm()
    with phone.database.reading() as session:
        assert session.scalar(
            select(visit.c.ended_why).where(visit.c.id == signed.visit_id)
        ) == "second_factor"  # fmt: skip


def test_a_code_works_once_and_no_earlier_one_after_it(phone: Phone) -> None:
    phone.draw()
    used = phone.code()
    phone.confirm(used)
    signed = phone.sign_in()
    for old in (used, phone.code(-1)):
        with pytest.raises(SignInFailed):
            phone.prove(old, signed)
    phone.prove(phone.code(1), signed)
    with pytest.raises(SignInFailed):
        phone.prove(phone.code(1), signed)


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_another_minute_is_refused(phone: Phone, steps: int) -> None:
    phone.draw()
    with pytest.raises(SignInFailed):
        phone.confirm(phone.code(steps))


@pytest.mark.parametrize("typed", [" ", "abc", "12345", "²²²²²²", "0" * 500, "😀😀😀😀😀😀", "\0"])
def test_what_is_no_code_counts_as_no_attempt(phone: Phone, typed: str) -> None:
    phone.draw()
    for _ in range(THROTTLES[PAIR].free + 1):
        with pytest.raises(BadInput):
            phone.confirm(typed)
    phone.confirm()


@pytest.mark.parametrize("gap", ["", " ", "\u3000", "\u2011", "－", "\u200b"])
def test_a_code_may_be_typed_at_full_width(phone: Phone, gap: str) -> None:
    phone.draw()
    code = phone.code().translate({48 + n: 0xFF10 + n for n in range(10)})
    phone.confirm(gap.join((code[:3], code[3:])))


def test_a_code_may_be_typed_in_groups(phone: Phone) -> None:
    phone.draw()
    code = phone.code()
    phone.confirm(f" {code[:3]} {code[3:]}")


def test_guessing_codes_is_slow(phone: Phone) -> None:
    phone.draw()
    for _ in range(THROTTLES[PAIR].free):
        with pytest.raises(SignInFailed):
            phone.confirm("000000")
    with pytest.raises(TooManyTries):
        phone.confirm(phone.code())


def test_a_recovery_code_works_once_in_any_spelling(phone: Phone) -> None:
    phone.draw()
    codes = phone.confirm()
    assert len(set(codes)) == RECOVERY_CODES
    signed = phone.sign_in()
    phone.prove(codes[0].lower().replace("-", " "), signed)
    assert phone.lacks(signed) == ""
    with pytest.raises(SignInFailed):
        phone.prove(codes[0], signed)
    with phone.database.reading() as session:
        found = queries.second_factor_of(session, phone.by)
    assert found is not None and found.codes_left == RECOVERY_CODES - 1


@pytest.mark.parametrize("gap", ["", " ", "\u3000", "\u2011", "－", "\u200b"])
def test_a_recovery_code_may_be_typed_at_full_width(phone: Phone, gap: str) -> None:
    phone.draw()
    code = phone.confirm()[0].replace("-", gap)
    signed = phone.sign_in()
    phone.prove(code.translate({n: n + 0xFEE0 for n in range(0x30, 0x5B)}), signed)
    assert phone.lacks(signed) == ""


@pytest.mark.parametrize("typed", ["", "12345", "²²²²²²", "１２３４５", "0000-0000", "😀" * 6])
def test_what_is_no_code_counts_as_no_attempt_wherever_it_is_typed(
    phone: Phone, typed: str
) -> None:
    phone.draw()
    codes = phone.confirm()
    signed = phone.sign_in()
    told: dict[str, Any] = {"by": phone.by, "now": phone.now, "origin": HERE}
    for _ in range(THROTTLES[PAIR].free + 1):
        with pytest.raises(BadInput):
            phone.prove(typed, signed)
        with pytest.raises(BadInput):
            actions.end_second_factor(phone.database, code=typed, **told)
    phone.prove(codes[0], signed)
    actions.end_second_factor(phone.database, code=codes[1], **told)


def test_the_code_of_another_user_opens_nothing(phone: Phone) -> None:
    phone.draw()
    codes = phone.confirm()
    other = Phone(phone.database)
    other.draw()
    other.confirm()
    signed = other.sign_in()
    for code in (codes[0], phone.code(1)):
        with pytest.raises(SignInFailed):
            other.prove(code, signed)


def test_no_secret_and_no_recovery_code_lies_in_clear(phone: Phone) -> None:
    phone.draw()
    codes = phone.confirm()
    tables = (second_factor, code_table, deed_table, audit_line)
    with phone.database.reading() as session:
        told = "".join(repr(row) for table in tables for row in session.execute(select(table)))
    assert phone.secret not in told
    assert not any(code in told or code.replace("-", "") in told for code in codes)


def test_taking_it_off_needs_a_code(phone: Phone) -> None:
    phone.draw()
    codes = phone.confirm()
    told: dict[str, Any] = {"by": phone.by, "now": phone.now, "origin": HERE}
    for wrong, refusal in (("000000", SignInFailed), (PASSWORD, BadInput), ("", BadInput)):
        with pytest.raises(refusal):
            actions.end_second_factor(phone.database, code=wrong, **told)
    actions.end_second_factor(phone.database, code=codes[3], **told)
    assert phone.lacks(phone.sign_in()) == ""


def test_the_operator_takes_it_off_for_somebody_who_lost_everything(phone: Phone) -> None:
    phone.draw()
    codes = phone.confirm()
    signed = phone.sign_in()
    phone.prove(codes[0], signed)
    told = {"community_id": phone.town.community_id}
    other = {"community_id": phone.town.community_id + 1}
    name = f"user-{phone.by.person_id}"
    assert not actions.forget_second_factor(phone.database, login_name="nobody", **told)
    assert not actions.forget_second_factor(phone.database, login_name=name, **other)
    assert actions.forget_second_factor(phone.database, login_name=f" {name.upper()}", **told)
    with phone.database.reading() as session:
        (line,) = audit_lines(session, name="forget_second_factor", **told)
        found = queries.visit_of_token(
            session, phone.town.community_id, signed.token, now=phone.now
        )
    assert (line.client, line.subject_id) == ("job:operator", phone.by.user_id)
    assert found is not None and found.ended_why == "second_factor"
    assert phone.lacks(phone.sign_in()) == ""


def test_a_second_factor_in_force_is_not_drawn_again(phone: Phone) -> None:
    phone.draw()
    phone.draw()
    phone.confirm()
    with pytest.raises(WrongState):
        phone.draw()
    with pytest.raises(WrongState):
        phone.confirm(phone.code(1))


def test_who_comes_with_a_card_has_no_second_factor(phone: Phone) -> None:
    card = phone.database.write(
        lambda session, now: make.make_card(session, phone.town, phone.by.person_id or 0, PIN)
    )
    with phone.database.reading() as session:
        by_card = queries.by_of_card(session, phone.town.community_id, card.id)
    assert by_card is not None
    with pytest.raises(NotAllowed):
        perform(phone.database, actions.draw_second_factor, by=by_card, request_id=a_request_id())
    phone.draw()
    phone.confirm()
    signed = actions.sign_in_by_card(
        phone.database, community_id=phone.town.community_id, card=card.token, pin=PIN,
        origin=HERE, now=phone.now,
    )  # fmt: skip
    assert signed.lacks == "" and not signed.by.is_staff


@pytest.mark.parametrize("role", sorted(FACTOR_ROLES))
def test_who_decides_about_others_must_set_one_up(fresh_database: Database, role: str) -> None:
    holder = Phone(fresh_database, role)
    assert holder.lacks(holder.sign_in()) == "set_up"
    holder.draw()
    holder.confirm()
    assert holder.lacks(holder.sign_in()) == "code"


def test_a_password_ends_no_waiting_for_a_set_up(fresh_database: Database) -> None:
    holder = Phone(fresh_database, "coordinator")
    signed = holder.sign_in()
    holder.prove(PASSWORD, signed)
    assert holder.lacks(signed) == "set_up"


def test_a_community_decides_which_roles_need_one(fresh_database: Database) -> None:
    holder = Phone(fresh_database, "coordinator")

    def none_of_them(session: Session, now: datetime) -> None:
        set_parameter(
            Deed(session, holder.town.by, now, a_request_id()), key=FACTOR_ROLES_KEY, value=[],
            valid_from_on=date(2025, 6, 10), source="a meeting of the residents", note="",
        )  # fmt: skip

    assert holder.lacks(holder.sign_in()) == "set_up"
    fresh_database.write(none_of_them)
    assert holder.lacks(holder.sign_in()) == ""
    holder.draw()
    holder.confirm()
    assert holder.lacks(holder.sign_in()) == "code", "whoever has one is asked for it"


def test_the_sample_community_asks_nobody(fresh_database: Database) -> None:
    holder = Phone(fresh_database, *FACTOR_ROLES)
    fresh_database.write(
        lambda session, now: load_preset(
            Deed(session, holder.town.by, now, a_request_id()),
            preset="demo", from_on=date(2024, 1, 1),
        )
    )  # fmt: skip
    assert holder.lacks(holder.sign_in()) == ""


def test_without_a_second_factor_the_password_proves(phone: Phone) -> None:
    signed = phone.sign_in()
    phone.database.clock.move(minutes=30)  # type: ignore[attr-defined]
    with pytest.raises(SignInFailed):
        phone.prove("not this one", signed)
    phone.prove(PASSWORD, signed)
    with phone.database.reading() as session:
        told = select(visit.c.proven_at).where(visit.c.id == signed.visit_id)
        assert session.scalar(told) == phone.now


def test_with_a_second_factor_the_password_proves_nothing(phone: Phone) -> None:
    phone.draw()
    phone.confirm()
    signed = phone.sign_in()
    with pytest.raises(BadInput):
        phone.prove(PASSWORD, signed)
    assert phone.lacks(signed) == "code"


def test_one_proves_no_visit_of_another(phone: Phone) -> None:
    other = Phone(phone.database)
    signed = other.sign_in()
    before = phone.now
    phone.database.clock.move(minutes=5)  # type: ignore[attr-defined]
    phone.prove(PASSWORD, signed)
    with phone.database.reading() as session:
        told = select(visit.c.proven_at).where(visit.c.id == signed.visit_id)
        assert session.scalar(told) == before


def test_guessing_the_old_password_is_slow(phone: Phone) -> None:
    told: dict[str, Any] = {"by": phone.by, "way": "password", "now": phone.now, "origin": HERE}
    for _ in range(THROTTLES[PAIR].free):
        with pytest.raises(SignInFailed):
            actions.check_own(phone.database, secret="wrong lantern", **told)
    with pytest.raises(TooManyTries):
        actions.check_own(phone.database, secret=PASSWORD, **told)


def test_a_recovery_code_reads_back() -> None:
    for number in (0, 1, 32**10 - 1):
        assert read_code(recovery_code(number)) == recovery_code(number)
    assert read_code("oil0o-1i2l3") == "01100-11213"


def test_the_database_keeps_the_last_step_whole(phone: Phone) -> None:
    phone.draw()
    with pytest.raises(Exception, match="last_step"):
        phone.database.write(
            lambda session, now: session.execute(update(second_factor).values(last_step=-1))
        )
