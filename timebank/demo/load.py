"""Loads the sample community into an empty database, and says who can sign in to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.demo.founding import (
    PASSWORD,
    PIN,
    RESIDENTS_SHOWN,
    STAFF,
    Founded,
    found,
    give_sign_ins,
)
from timebank.demo.history import DAYS, live
from timebank.demo.population import make_population
from timebank.people.passwords import PROFILE
from timebank.people.queries import card_of_person, person_of_login
from timebank.values import local_day

STEPS = DAYS + 30  # Founding weighs as much as thirty days of history.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who can sign in to the demo: a name and password, and for residents a card and PIN."""

    role: str
    login_name: str
    password: str
    card_no: str = ""
    pin: str = ""


def load(
    database: Database, *, today: date | None = None, days: int = DAYS, progress: Progress
) -> Founded:
    """Found the sample community and live through its last ``days``, two years as a rule.

    ``progress`` is called with the number of steps done since the last call; together they
    make ``STEPS``. The database's clock says what day the demo is on.
    """
    today = today or local_day(database.clock())
    profile = database.info.get(PROFILE, "full")
    database.info[PROFILE] = "small"  # Demo passwords are printed anyway: hash them cheaply.
    try:
        made = found(database, make_population(today))
        progress(STEPS - DAYS)
        for _ in live(database, made, days=days):
            progress(1)
        database.write(lambda session, now: give_sign_ins(session, made, now=now))
        database.learn_sizes()
    finally:
        database.info[PROFILE] = profile
    return made


def sign_ins(session: Session, community_id: int) -> list[SignIn]:
    """Tell who can sign in, read from the database, so that a kept demo tells the same."""
    shown = []
    for login_name in RESIDENTS_SHOWN:
        person_id = person_of_login(session, community_id, login_name)
        card = card_of_person(session, community_id, person_id) if person_id else None
        shown.append(SignIn(login_name, login_name, PASSWORD, card.card_no if card else "", PIN))
    staff = dict.fromkeys(login for login, _, _ in STAFF)
    many = {login for login in staff if sum(one == login for one, _, _ in STAFF) > 1}
    names = [f"{login}1" if login in many else login for login in staff]
    return shown + [SignIn(name.rstrip("1"), name, PASSWORD) for name in names]
