"""Who acts for whom: what a mandate covers, on which ground, and until when. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from timebank.errors import BadInput

CLAIM, FETCH = "claim", "fetch"
MANDATE_DEEDS = (CLAIM, FETCH)
# A guardian of a minor sees and does everything here; it ends by itself with the minority.
MANDATE, GUARDIAN = "mandate", "guardian"
MANDATE_KINDS = (MANDATE, GUARDIAN)
PAPER, WITNESS, SELF_GIVEN = "paper", "witness", "self"
GROUNDS = (PAPER, WITNESS, SELF_GIVEN)
MANDATE_DAYS_MAX = 366  # Longer is asked about again. **Source**: our own default.
GROUND_MAX = 120


def written_deeds(deeds: Iterable[str]) -> str:
    """The deeds of a mandate as they are stored. **Refuses**: ``BadInput`` for none or others."""
    wanted = set(deeds)
    if not wanted or wanted - set(MANDATE_DEEDS):
        raise BadInput(field="deeds", why="choice")
    return " ".join(one for one in MANDATE_DEEDS if one in wanted)


def check_until(until_on: date | None, *, today: date) -> date:
    """**Refuses**: ``BadInput`` for a day that is missing, past, or too far away."""
    if until_on is None:
        raise BadInput(field="until_on", why="needed")
    if until_on < today:
        raise BadInput(field="until_on", why="past")
    if until_on > today + timedelta(days=MANDATE_DAYS_MAX):
        raise BadInput(field="until_on", why="over_a_year")
    return until_on


def check_ground(ground: str, note: str) -> str:
    """Which paper was seen, or who was there. **Refuses**: ``BadInput``."""
    if ground not in (PAPER, WITNESS):
        raise BadInput(field="mandate_ground", why="choice")
    tidy = " ".join(note.split())
    if not tidy:
        raise BadInput(field="ground_note", why="needed")
    if len(tidy) > GROUND_MAX:
        raise BadInput(field="ground_note", why="too_long")
    return tidy
