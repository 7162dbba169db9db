"""Visits, the second factor of a sign-in, and the words for a browser."""

import re
from datetime import timedelta

from timebank.errors import BadInput
from timebank.people.rules import CROCKFORD
from timebank.typed import code_in

# Visits. A visit is one signed-in browser, or one program with its token.
VISIT_KINDS = ("web", "api")
VISIT_LACKS = ("code", "set_up")
VISIT_ENDS = (
    "asked", "idle", "other_visit", "password", "pin", "role", "card", "closed", "second_factor",
)  # fmt: skip
VISIT_LIFE = {"web": timedelta(hours=12), "api": timedelta(hours=1)}
VISIT_SEEN_EVERY = timedelta(minutes=5)  # ``last_seen_at`` is written at most this often.
VISIT_FORGOTTEN = timedelta(days=90)
# Drafts: what was typed into a form and not accepted yet. Source: our own defaults.
DRAFT_LIFE = timedelta(days=3)
DRAFTS_MAX = 10  # Of one person.
PROOF_LIFE = timedelta(minutes=10)  # For so long a password or code covers guarded pages.

# The second factor. **Source**: RFC 6238, with the usual 30 seconds and 6 digits.
FACTOR_ROLES = ("coordinator", "approver", "cashier", "accountant", "auditor")
FACTOR_ROLES_KEY = "people.second_factor_roles"  # The parameter; without it, the roles above.
FACTOR_STEP_SECONDS = 30
RECOVERY_CODES = 10
_PHONE_CODE = re.compile("[0-9]{6}")
_RECOVERY_CODE = re.compile(rf"[{CROCKFORD}]{{10}}")


def recovery_code(number: int) -> str:
    """Write a number below 32**10 as a code in two groups: ``7F3KQ-M2X9A``."""
    body = "".join(CROCKFORD[number >> shift & 31] for shift in range(45, -1, -5))
    return f"{body[:5]}-{body[5:]}"


def read_code(text: str) -> str:
    """Normalise a typed code: six digits of the phone, or a recovery code in any spelling.

    **Refuses**: ``BadInput`` for another shape: a typing error is no wrong guess.
    """
    tidy = code_in(text)
    if _PHONE_CODE.fullmatch(tidy):
        return tidy
    tidy = tidy.translate(str.maketrans("OIL", "011"))
    if not _RECOVERY_CODE.fullmatch(tidy):
        raise BadInput(field="code", why="shape")
    return f"{tidy[:5]}-{tidy[5:]}"


_BROWSERS = (
    ("MicroMessenger", "微信"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_words(user_agent: str) -> str:
    """The families of browser and system, for the list of one's visits; nothing finer is kept."""
    families = (
        next((word for mark, word in marks if mark in user_agent), "")
        for marks in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(word for word in families if word)
