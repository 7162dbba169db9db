"""Refuse a new password or PIN that a stranger or a neighbour would try first.

Only when one is set: who has one keeps it until they change it. What is known of the person is
their name, login name and card number; their birth date is compared by its digest and not opened.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from timebank.deeds.deed import Deed
from timebank.errors import BadInput
from timebank.people.queries.merged import records_of
from timebank.people.rules import check_password, check_pin
from timebank.people.rules.guessable import (
    days_of_pin,
    days_written,
    is_common_pin,
    tidy_secret,
    why_password,
)
from timebank.people.tables import card, person
from timebank.values import local_day
from timebank.vault.cipher import vault_of

BIRTHDAY = "birthday"
_PERSON = select(person.c.name, person.c.birth_digest).where(
    person.c.community_id == bindparam("of_community"), person.c.id == bindparam("of_person")
)
_OWN = records_of(card.c.community_id, bindparam("of_person", type_=card.c.person_id.type))
_CARDS = select(card.c.card_no).where(
    card.c.community_id == bindparam("of_community"), card.c.person_id.in_(_OWN)
)


@cache
def common_words() -> frozenset[str]:
    """The words and numbers of the shipped list, in small letters."""
    return _words_in("common_passwords.txt")


@cache
def common_pins() -> frozenset[str]:
    return _words_in("common_pins.txt")


def _words_in(name: str) -> frozenset[str]:
    text = files("timebank.people").joinpath("data", name).read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word.casefold() for line in lines for word in line.split())


def check_new_password(deed: Deed, password: str, *, login_name: str, person_id: int) -> str:
    """**Refuses**: ``BadInput`` for a length out of range, or a password that is easy to guess."""
    strong = check_password(password)
    asked = {"of_community": deed.community_id, "of_person": person_id}
    holder = deed.session.execute(_PERSON, asked).first()
    own = [login_name, *deed.session.scalars(_CARDS, asked)]
    if holder is not None:
        own += [holder.name, *_spellings(holder.name)]
    why = why_password(strong, common_words(), own)
    runs = re.findall(r"(?<!\d)(?:\d{6}|\d{8})(?!\d)", tidy_secret(strong))
    days = (day for run in runs for day in days_written(run))
    if why is None and holder is not None and _is_birth_among(deed.session, holder, days):
        why = BIRTHDAY
    if why is not None:
        raise BadInput(field="password", why=why)
    return strong


def check_new_pin(deed: Deed, pin: str, *, person_id: int) -> str:
    """**Refuses**: ``BadInput`` for anything but 4 to 6 digits, or a PIN that is easy to guess."""
    tidy = check_pin(pin)
    if is_common_pin(tidy, common_pins()):
        raise BadInput(field="pin", why="easy")
    asked = {"of_community": deed.community_id, "of_person": person_id}
    holder = deed.session.execute(_PERSON, asked).first()
    days = days_of_pin(tidy, local_day(deed.now))
    if holder is not None and _is_birth_among(deed.session, holder, days):
        raise BadInput(field="pin", why=BIRTHDAY)
    return tidy


def _spellings(name: str) -> tuple[str, ...]:
    """How a name in characters is typed: chenjiayi, cjy and jiayi."""
    # Imported on first use: its dictionaries take a quarter of a second and 40 MB.
    from pypinyin import lazy_pinyin

    spoken = lazy_pinyin(name)
    return "".join(spoken), "".join(part[:1] for part in spoken), "".join(spoken[1:])


def _is_birth_among(session: Session, holder: Any, days: Iterable[date]) -> bool:
    if holder.birth_digest is None:
        return False
    kept, vault = bytes(holder.birth_digest), vault_of(session)
    return any(kept in vault.digests("person.birth", day.isoformat()) for day in days)
