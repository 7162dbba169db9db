"""What is recorded of a household besides its papers: relations, changes, moves, consent. Pure."""

from datetime import date

from timebank.errors import BadInput

HEAD = "head"
# How somebody is related to the head of their household; not to anybody of another household.
RELATIONS = (
    HEAD, "spouse", "child", "child_in_law", "grandchild", "parent", "sibling", "other",
)  # fmt: skip
# What is changed later, each with its day. Building and door number belong to the household.
PERSON_DETAILS = ("name", "id_no", "phone", "contacts", "language", "notes", "relation")
HOME_DETAILS = ("building", "door")
DETAILS = (*PERSON_DETAILS, *HOME_DETAILS)
# Why somebody is in another household, or in none. Of the last two nobody lives here any more.
MOVED, SPLIT, JOINED, LEFT, DIED = "moved", "split", "joined", "left", "died"
AWAY_WHYS = (LEFT, DIED)
MOVE_WHYS = (MOVED, SPLIT, JOINED, *AWAY_WHYS)

# Consent: which text in which version was read out. A released text never changes.
# **Source**: domain.md C.5, after PIPL articles 14 to 17, 28 to 31.
REGISTER, SENSITIVE = "register", "sensitive"
CONSENT_KINDS = (REGISTER, SENSITIVE)
CONSENT_VERSION = 1
NOTE_MAX = 200
CONTACTS_MAX = NOTES_MAX = 200


def check_relation(relation: str | None) -> str | None:
    """**Refuses**: ``BadInput`` for an unknown relation; an empty one stays unknown."""
    if relation and relation not in RELATIONS:
        raise BadInput(field="relation", why="unknown")
    return relation or None


def check_happened(happened_on: date, today: date) -> date:
    """**Refuses**: ``BadInput`` for a day that has not come, or lies more than a year back."""
    if happened_on > today:
        raise BadInput(field="happened_on", why="future")
    if (today - happened_on).days > 366:
        raise BadInput(field="happened_on", why="range")
    return happened_on
