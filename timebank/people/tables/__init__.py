"""The tables of people. Personal data other than names is encrypted or a digest.

``community_id`` leads every key; an id number is never part of one.
"""

from timebank.people.tables.card_issues import card_issue
from timebank.people.tables.drafts import form_draft
from timebank.people.tables.invitations import invitation, invited_role
from timebank.people.tables.mandates import mandate, mandate_use
from timebank.people.tables.merges import person_merge
from timebank.people.tables.password_resets import password_reset
from timebank.people.tables.pictures import paper_picture
from timebank.people.tables.records import consent, detail_change, home_change
from timebank.people.tables.relations import relation
from timebank.people.tables.representatives import representative
from timebank.people.tables.residents import (
    IS_TO_CHECK,
    household,
    opening_alarm,
    organisation,
    person,
    place,
    proof,
)
from timebank.people.tables.sign_in import (
    app_user,
    card,
    known_device,
    pin_reset,
    pin_wish,
    recovery_code,
    second_factor,
    sign_in_try,
    staff_role,
    visit,
)

__all__ = [
    "IS_TO_CHECK",
    "app_user",
    "card",
    "card_issue",
    "consent",
    "detail_change",
    "form_draft",
    "home_change",
    "household",
    "invitation",
    "invited_role",
    "known_device",
    "mandate",
    "mandate_use",
    "opening_alarm",
    "organisation",
    "paper_picture",
    "password_reset",
    "person",
    "person_merge",
    "pin_reset",
    "pin_wish",
    "place",
    "proof",
    "recovery_code",
    "relation",
    "representative",
    "second_factor",
    "sign_in_try",
    "staff_role",
    "visit",
]
