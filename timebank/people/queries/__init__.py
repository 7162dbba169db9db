"""Reads of people: frozen values, with masked names where the reader does not need the whole name.

One file per question: ``places``, ``briefs`` (who is this), ``search``, ``cards``, ``users``.
Nothing encrypted is decrypted here except a card's own token; see ``actions.reveal``.
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
from timebank.people.queries.factors import (
    DrawnFactor,
    SecondFactor,
    drawn_factor,
    factor_roles,
    second_factor_of,
)
from timebank.people.queries.openings import Opening, openings_of
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
)
from timebank.people.queries.visits import OpenVisit, SignedVisit, open_visits, visit_of_token

__all__ = [
    "Card",
    "CardHolder",
    "DrawnFactor",
    "Household",
    "HouseholdBrief",
    "LivingCard",
    "OpenVisit",
    "Opening",
    "Organisation",
    "PersonBrief",
    "PersonFound",
    "Place",
    "Proof",
    "SecondFactor",
    "SignedVisit",
    "StaffMember",
    "briefs",
    "by_of_card",
    "by_of_client",
    "by_of_user",
    "card",
    "card_holder",
    "card_holders",
    "card_of_person",
    "cards_of_people",
    "drawn_factor",
    "factor_roles",
    "household",
    "household_briefs",
    "household_by_no",
    "kin_of",
    "living_cards",
    "open_visits",
    "openings_of",
    "organisations",
    "person_brief",
    "person_names",
    "person_of_login",
    "place",
    "place_names",
    "places",
    "proofs_of_household",
    "search_people",
    "second_factor_of",
    "staff",
    "visit_of_token",
    "with_names",
]
