"""What somebody says of themselves to join, and how often one sender may. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from timebank.errors import BadInput
from timebank.people.rules import LANGUAGES, tidy_phone
from timebank.people.rules.ages import MINOR_GROUPS, age_group
from timebank.people.rules.names import tidy_name
from timebank.typed import plain

# The text about what happens to the data. A released text never changes.
# **Source**: domain.md C.5, after PIPL articles 6, 14 to 17, 28 and 31.
NOTICE_VERSION = 1
NUMBER_DIGITS = 8
PHONE_MIN = 5
WAITING, COMPLETED, ENDED = "waiting", "completed", "ended"
STATES = (WAITING, COMPLETED, ENDED)
# Why nothing came of it: they are registered already, live elsewhere, changed their mind, or
# withdrew it themselves.
WITHDRAWN = "withdrawn"
END_WHYS = ("known", "elsewhere", "not_coming", WITHDRAWN)
# When a volunteer has time. A set of them is stored as a number: the n-th stands for 2**n.
TIMES = (
    "weekday_morning", "weekday_afternoon", "weekday_evening",
    "weekend_morning", "weekend_afternoon", "weekend_evening",
)  # fmt: skip
SERVICES_MAX = 40
_BIRTHDAY = re.compile(r"([0-9]{4})[年./-]?([0-9]{1,2})[月./-]?([0-9]{1,2})日?")

# How many one sender registers in a day. **Source**: our own defaults of 2026-12-01: a family has
# one phone, a service centre one address, a kiosk stands in a shop. What waits in a community is
# bounded too, or senders from everywhere could fill its worklist.
WINDOW = timedelta(hours=24)
BROWSER_MAX, ADDRESS_MAX, KIOSK_MAX, WAITING_MAX = 6, 30, 60, 2000


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a registration comes from; a kiosk names itself and has no browser."""

    source: str = field(repr=False)
    browser: str = field(default="", repr=False)
    is_kiosk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """What somebody says. Without ``building_id`` they live elsewhere and want to help.

    Whoever is under 18 names a guardian, who agrees beside them.
    """

    name: str = field(repr=False)
    birth_on: date | None = field(repr=False)
    building_id: int | None = None
    phone: str = field(repr=False)
    language: str = "zh"
    agrees: bool = False
    guardian_name: str = field(default="", repr=False)
    guardian_phone: str = field(default="", repr=False)
    guardian_agrees: bool = False
    is_volunteer: bool = False
    service_ids: tuple[int, ...] = ()
    times: tuple[str, ...] = ()


def is_minor(birth_on: date, on: date) -> bool:
    return age_group(birth_on, on)[0] in MINOR_GROUPS


def tidy_registration(new: NewRegistration, today: date) -> NewRegistration:
    """Check and normalise what was typed.

    **Refuses**: ``BadInput`` for the first field that is missing or cannot be.
    """
    name = _named(new.name, "name")
    if new.birth_on is None:
        raise BadInput(field="birth_on", why="missing")
    if not date(1880, 1, 1) <= new.birth_on <= today:
        raise BadInput(field="birth_on", why="range")
    if new.building_id is None and not new.is_volunteer:
        raise BadInput(field="building_id", why="lives_where")
    phone = _phone(new.phone, "phone")
    if new.language not in LANGUAGES:
        raise BadInput(field="language", why="unknown")
    if not new.agrees:
        raise BadInput(field="agrees", why="agree_first")
    tidy = replace(new, name=name, phone=phone)
    return _without_offers(_with_guardian(tidy, today))


def _with_guardian(new: NewRegistration, today: date) -> NewRegistration:
    """The guardian of a minor; of anybody else none is kept."""
    assert new.birth_on is not None
    if not is_minor(new.birth_on, today):
        return replace(new, guardian_name="", guardian_phone="", guardian_agrees=False)
    name = _named(new.guardian_name, "guardian_name")
    phone = _phone(new.guardian_phone, "guardian_phone")
    if not new.guardian_agrees:
        raise BadInput(field="guardian_agrees", why="guardian_first")
    return replace(new, guardian_name=name, guardian_phone=phone)


def _without_offers(new: NewRegistration) -> NewRegistration:
    """Only a volunteer offers something."""
    if not new.is_volunteer:
        return replace(new, service_ids=(), times=())
    if len(set(new.service_ids)) > SERVICES_MAX:
        raise BadInput(field="service_ids", why="count")
    times_no(new.times)
    return replace(new, service_ids=tuple(sorted(set(new.service_ids))))


def _named(name: str, field_name: str) -> str:
    if not plain(name):
        raise BadInput(field=field_name, why="missing")
    try:
        return tidy_name(name)
    except BadInput as refusal:
        raise BadInput(**{**refusal.facts, "field": field_name}) from None


def _phone(phone: str, field_name: str) -> str:
    if not plain(phone):
        raise BadInput(field=field_name, why="missing")
    try:
        tidy = tidy_phone(phone)
    except BadInput as refusal:
        raise BadInput(**{**refusal.facts, "field": field_name}) from None
    if len(tidy) < PHONE_MIN:
        raise BadInput(field=field_name, why="digits")
    return tidy


def times_no(times: Iterable[str]) -> int:
    """The number of a set of times. **Refuses**: ``BadInput`` for an unknown one."""
    chosen = set(times)
    if chosen - set(TIMES):
        raise BadInput(field="times", why="unknown")
    return sum(1 << place for place, time in enumerate(TIMES) if time in chosen)


def times_of(number: int) -> tuple[str, ...]:
    return tuple(time for place, time in enumerate(TIMES) if number & 1 << place)


def read_birthday(typed: str) -> date | None:
    """Read a day as people write it: ``1953-4-12``, ``1953年4月12日`` or eight digits in a row."""
    text = re.sub(r"\s", "", plain(typed))
    found = _BIRTHDAY.fullmatch(text)
    if found is None or (text.isdigit() and len(text) != 8):
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:  # The 31st of April.
        return None


def read_registration_no(typed: str) -> str | None:
    """Read a number as people type it, with gaps or full-width digits; None for anything else."""
    digits = re.sub(r"[\s-]", "", plain(typed))
    tidy = "".join(str(int(one)) if one.isdecimal() else one for one in digits)
    return tidy if re.fullmatch(r"[1-9][0-9]{7}", tidy) else None


def shown_no(registration_no: str) -> str:
    """The number as people read it: ``4821 0937``."""
    return f"{registration_no[:4]} {registration_no[4:]}"
