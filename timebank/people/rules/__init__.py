"""Names, masks, id numbers, ages, card tokens and sign-in delays. Pure.

Not here: hashing (``passwords.py``), anything that reads a row.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from timebank.errors import BadInput
from timebank.people import may
from timebank.people.refusals import BadIdNumber
from timebank.policy.rules.windows import months_after
from timebank.typed import code_in, joined, plain
from timebank.values import By

ROLE_NAMES = frozenset(
    {
        "keeper", "grid_worker", "social_worker", "coordinator", "approver",
        "cashier", "accountant", "auditor", "hotline",
    }
)  # fmt: skip
PLACE_KINDS = ("grid", "building", "store")
PROOF_KINDS = (
    "dibao",
    "dibao_marginal",
    "tekun",
    "rigid_expense",
    "disability_card",
    "child_in_need",
    "veteran_family",
    "unemployed",
    "housing_applicant",
    "special_approval",
)
# Two people decide on a special approval; nobody enters one like a paper that they saw.
SPECIAL_APPROVAL = "special_approval"
# The consent of a minor's guardian: a paper like the others, which opens no shelf.
GUARDIAN_CONSENT = "guardian_consent"
PAPER_KINDS = (*PROOF_KINDS, GUARDIAN_CONSENT)
ENTERED_KINDS = tuple(kind for kind in PAPER_KINDS if kind != SPECIAL_APPROVAL)
CONFIRMED, NOT_CONFIRMED = "confirmed", "refused"
CHECK_OUTCOMES = (CONFIRMED, NOT_CONFIRMED)
DRAWN_ONE_IN = 10  # A second person looks at one paper in so many.
LANGUAGES = ("zh", "en")


def mask_id_number(number: str) -> str:
    """Show the first two and the last two characters, as on a staff list."""
    return _mask_middle(number, 2, 2)


def _mask_middle(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid resident id number, with the birth date and sex that it contains."""

    number: str
    birth_on: date
    sex: str

    def __repr__(self) -> str:
        return f"IdNumber({mask_id_number(self.number)})"


def check_id_number(
    number: str, *, birth_on: date | None = None, sex: str | None = None, on: date | None = None
) -> IdNumber:
    """Parse a resident id number. The region is not checked, because sample people have none.

    **Refuses**: ``BadIdNumber`` with ``why``: length, check, birth, sex. Never with the number.

    **Source**: GB 11643-1999 (18 characters, ISO 7064 mod 11-2, digits 7–14 birth, 17 sex).
    """
    tidy = tidy_id_number(number)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", tidy):
        raise BadIdNumber(why="length")
    if not mod_11_2.is_valid(tidy):
        raise BadIdNumber(why="check")
    try:
        told_birth = date(int(tidy[6:10]), int(tidy[10:12]), int(tidy[12:14]))
    except ValueError:
        raise BadIdNumber(why="birth") from None
    if told_birth != (birth_on or told_birth) or told_birth > (on or told_birth):
        raise BadIdNumber(why="birth")
    told_sex = "m" if int(tidy[16]) % 2 else "f"
    if told_sex != (sex or told_sex):
        raise BadIdNumber(why="sex")
    return IdNumber(tidy, told_birth, told_sex)


def tidy_id_number(number: str) -> str:
    """Normalise a resident id number for storage and search."""
    return code_in(number)


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Hot lines, and numbers that are dialled alike from everywhere in China.
_DIALLED_ALIKE = re.compile(r"0.*|[48]00[0-9]{7}|[0-9]{3,8}")


def tidy_phone(phone: str) -> str:
    """Normalise a phone number for storage and search; an empty one stays empty.

    A number of China is kept as it is dialled at home: ``+86 138 0000 0000`` is ``13800000000``,
    and ``0086 731 8888 0000`` is ``073188880000``. One from abroad keeps its country: ``+852…``.

    **Refuses**: ``BadInput`` if it cannot be dialled.
    """
    tidy = re.sub(r"[()./]", "", joined(phone).replace("-", ""))
    if tidy and not re.fullmatch(r"\+?[0-9]{3,15}", tidy):
        raise BadInput(field="phone", why="digits")
    tidy = "+" + tidy[2:] if tidy.startswith("00") and len(tidy) > 6 else tidy
    if tidy.startswith("86") and _MOBILE.fullmatch(tidy[2:]):
        return tidy[2:]
    if not tidy.startswith("+86"):
        return tidy
    own = tidy[3:]
    is_alike = _MOBILE.fullmatch(own) or _DIALLED_ALIKE.fullmatch(own)
    return own if is_alike else f"0{own}"


def phone_spellings(phone: str) -> list[str]:
    """Every way in which older versions may have stored a phone number, this one's first.

    Empty for what is no phone number.
    """
    try:
        tidy = tidy_phone(phone)
    except BadInput:
        return []
    if not tidy or tidy.startswith("+"):
        return [tidy, f"00{tidy[1:]}"] if tidy else []
    abroad = tidy.removeprefix("0")
    return [tidy, *(f"{code}{abroad}" for code in ("+86", "0086", "86"))]


def latest_day(valid_from_on: date, months: int) -> date:
    """The last day of a paper that is valid for so many months: 1 January to 31 December."""
    return months_after(valid_from_on, months) - timedelta(days=1)


def same_document_no(one: str, other: str) -> bool:
    """Compare two typed document numbers: width, case, spaces and dashes make no difference."""
    asked, kept = (
        re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", code_in(number)))
        for number in (one, other)
    )
    return bool(asked) and asked == kept


def tidy_document_no(number: str) -> str:
    """Normalise the number of a paper for storage; its hyphens and inner spaces stay."""
    return plain(number).upper()


REASON_LETTERS_MIN, REASON_DIFFERENT_MIN, REASON_LENGTH_MAX = 6, 5, 200


def check_reason(reason: str, *, field: str = "reason") -> str:
    """Normalise the reason for opening sealed data: a sentence that can be checked later.

    A sentence has at least six letters, five of them different, and none makes up half of it. One
    in Latin letters has at least two words. Forbids: ``.``, ``aaaaaa``, ``123456``, ``哈哈哈哈哈``.

    **Refuses**: ``BadInput``.
    """
    tidy = " ".join(reason.split())
    if not tidy:
        raise BadInput(field=field, why="missing")
    if len(tidy) > REASON_LENGTH_MAX:
        raise BadInput(field=field, why="too_long")
    if not _is_sentence(tidy):
        raise BadInput(field=field, why="not_a_sentence")
    return tidy


def _is_sentence(text: str) -> bool:
    text = unicodedata.normalize("NFKC", text)
    letters = [letter for letter in text.lower() if letter.isalpha()]
    counts = Counter(letters)
    if len(letters) < REASON_LETTERS_MIN or len(counts) < REASON_DIFFERENT_MIN:
        return False
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    is_latin = all(letter < "\u2e80" for letter in letters)
    return 2 * max(counts.values()) <= len(letters) and (len(words) > 1 or not is_latin)


# Cards. A token is opaque: it contains no personal data, and a lost card is revoked.
CARD_PREFIX = "GZT1:"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TOKEN = re.compile(rf"{CARD_PREFIX}([{CROCKFORD}]{{10}})([{CROCKFORD}])")
_CARD_NO = re.compile(r"[1-9][0-9]{8}")
TOKEN_NUMBERS = 32**10
CARD_NO_STEMS = range(10_000_000, 100_000_000)


def card_token(number: int) -> str | None:
    """Encode a number below 32**10 as a card token with a check symbol, modulo 37.

    None if the check symbol would be one of ``*~$=U``: scanners that act as a keyboard garble
    them. The caller draws another number.
    """
    body = "".join(CROCKFORD[number >> shift & 31] for shift in range(45, -1, -5))
    check = number % 37
    return f"{CARD_PREFIX}{body}{CROCKFORD[check]}" if check < 32 else None


def read_card_token(text: str) -> str | None:
    """Find the card token in scanned text; None for any other code."""
    found = _TOKEN.fullmatch(code_in(text))
    if found is None:
        return None
    number = 0
    for symbol in found[1]:
        number = number * 32 + CROCKFORD.index(symbol)
    return found[0] if card_token(number) == found[0] else None


def card_no(stem: int) -> str:
    """Append a Luhn check digit to eight digits. No product code has nine digits."""
    return f"{stem}{luhn.calc_check_digit(str(stem))}"


def read_card_no(text: str) -> str | None:
    """Find a printed card number in typed text, spaces and hyphens allowed, or None."""
    tidy = code_in(text)
    return tidy if _CARD_NO.fullmatch(tidy) and luhn.is_valid(tidy) else None


def print_card_no(number: str) -> str:
    """Group a card number for reading aloud: 123 456 789."""
    return " ".join(number[at : at + 3] for at in range(0, len(number), 3))


_HOUSEHOLD_NO = re.compile(r"(H?)([0-9]{1,6})")


def read_household_no(text: str, *, is_bare: bool = False) -> str | None:
    """Find a household number in typed text, or None: ``h 117`` and ``Ｈ－0117`` are ``H-0117``.

    ``is_bare``: the field is for nothing else, so that ``117`` is one too.
    """
    found = _HOUSEHOLD_NO.fullmatch(code_in(text))
    return f"H-{found[2]:0>4}" if found and (found[1] or is_bare) else None


# Users.
def tidy_login_name(name: str) -> str:
    """Normalise a login name: width, case and outer spaces make no difference."""
    return unicodedata.normalize("NFKC", plain(name)).casefold()


def check_login_name(name: str) -> str:
    """**Refuses**: ``BadInput`` for a name shorter than 2, longer than 40, or with spaces."""
    tidy = tidy_login_name(name)
    if not 2 <= len(tidy) <= 40 or not tidy.isprintable() or " " in tidy:
        raise BadInput(field="login_name", why="length" if " " not in tidy else "characters")
    return tidy


PASSWORD_LENGTH_MIN = 8
SECRET_LENGTH_MAX = 200


def check_password(password: str) -> str:
    """**Refuses**: ``BadInput`` for a password shorter than 8 or longer than 200."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= SECRET_LENGTH_MAX:
        raise BadInput(field="password", why="length", length_min=PASSWORD_LENGTH_MIN)
    return password


def read_pin(pin: str, *, field: str = "pin") -> str:
    """Normalise a typed PIN, for setting it and for signing in.

    **Refuses**: ``BadInput`` unless it is 4 to 6 digits: a typing error is no wrong guess.
    """
    tidy = code_in(pin)
    if not re.fullmatch(r"[0-9]{4,6}", tidy):
        raise BadInput(field=field, why="digits")
    return tidy


def check_pin(pin: str) -> str:
    """**Refuses**: ``BadInput`` unless it is 4 to 6 digits, not all equal and not a sequence."""
    tidy = read_pin(pin)
    steps = {int(b) - int(a) for a, b in pairwise(tidy)}
    if steps in ({0}, {1}, {-1}):
        raise BadInput(field="pin", why="easy")
    return tidy


# Who may see whom.


@dataclass(frozen=True, slots=True)
class Sight:
    """The people that somebody may search: everyone or some grids, masked or not.

    ``grid_ids`` is None for the whole community.
    """

    grid_ids: frozenset[int] | None
    masked: bool


def sight_of(by: By) -> Sight | None:
    """The sight of a person; None for a resident, who may not search.

    A role held for a grid covers that grid only. A keeper's place is a store, which any neighbour
    may visit, so a keeper sees everyone, masked.
    """
    reading = [role for role in by.roles if role.name in may.READ_FULL_NAMES.roles]
    if any(role.place_id is None for role in reading):
        return Sight(None, masked=False)
    if may.READ_MASKED_NAMES.is_held(by):
        return Sight(None, masked=True)
    if reading:
        return Sight(frozenset(r.place_id for r in reading if r.place_id), masked=False)
    return None
