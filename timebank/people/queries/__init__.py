"""Reads of people: frozen values, with masked names where the reader does not need the whole name.

One file per question: ``places``, ``briefs`` (who is this), ``search``, ``cards``, ``users``,
``papers``, ``closeness`` (who lives with whom), ``openings`` (who opened what).
Nothing encrypted is decrypted here except a card's own token, and the issuer of a paper for the
second person who looks at it; see ``actions.reveal``.
"""

from timebank.people.queries.briefs import (
    Household,
    HouseholdBrief,
    PersonBrief,
    Proof,
    briefs,
    household,
    household_briefs,
    household_by_no,
    kin_of,
    person_brief,
    person_names,
    proofs_of_household,
    with_names,
)
from timebank.people.queries.cards import (
    Card,
    CardHolder,
    LivingCard,
    card,
    card_holder,
    card_holders,
    card_of_person,
    cards_of_people,
    living_cards,
)
from timebank.people.queries.closeness import are_of_one_household, is_of_household
from timebank.people.queries.openings import (
    Opening,
    OpeningAlarm,
    opening_alarm,
    openings_about,
    openings_by,
    waiting_alarms,
)
from timebank.people.queries.papers import (
    PaperEntered,
    paper_entered,
    paper_entered_today,
    waiting_papers,
)
from timebank.people.queries.places import (
    Organisation,
    Place,
    organisations,
    place,
    place_names,
    places,
)
from timebank.people.queries.search import PersonFound, search_people
from timebank.people.queries.users import (
    StaffMember,
    by_of_card,
    by_of_client,
    by_of_user,
    person_of_login,
    staff,
    visitor_of_client,
)

__all__ = [
    "Card",
    "CardHolder",
    "Household",
    "HouseholdBrief",
    "LivingCard",
    "Opening",
    "OpeningAlarm",
    "Organisation",
    "PaperEntered",
    "PersonBrief",
    "PersonFound",
    "Place",
    "Proof",
    "StaffMember",
    "are_of_one_household",
    "briefs",
    "by_of_card",
    "by_of_client",
    "by_of_user",
    "card",
    "card_holder",
    "card_holders",
    "card_of_person",
    "cards_of_people",
    "household",
    "household_briefs",
    "household_by_no",
    "is_of_household",
    "kin_of",
    "living_cards",
    "opening_alarm",
    "openings_about",
    "openings_by",
    "organisations",
    "paper_entered",
    "paper_entered_today",
    "person_brief",
    "person_names",
    "person_of_login",
    "place",
    "place_names",
    "places",
    "proofs_of_household",
    "search_people",
    "staff",
    "visitor_of_client",
    "waiting_alarms",
    "waiting_papers",
    "with_names",
]
