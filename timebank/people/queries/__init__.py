"""What is known of people: frozen values, masked where the reader has no need.

One file a question: ``places``, ``briefs`` (who is this), ``search``, ``cards``, ``users``.
Nothing sealed is opened here but a card's own token; see ``actions.reveal``.
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
    households_of_grid,
    person_brief,
    proofs_of_household,
)
from timebank.people.queries.cards import (
    Card,
    CardHolder,
    LivingCard,
    card,
    card_holder,
    card_holders,
    card_of_person,
    living_cards,
)
from timebank.people.queries.places import (
    Community,
    Organisation,
    Place,
    communities,
    community,
    community_by_code,
    organisations,
    place,
    places,
)
from timebank.people.queries.search import PersonFound, search_people
from timebank.people.queries.users import (
    AuditLine,
    StaffMember,
    audit_lines,
    by_of_card,
    by_of_client,
    by_of_user,
    person_of_login,
    staff,
)

__all__ = [
    "AuditLine",
    "Card",
    "CardHolder",
    "Community",
    "Household",
    "HouseholdBrief",
    "LivingCard",
    "Organisation",
    "PersonBrief",
    "PersonFound",
    "Place",
    "Proof",
    "StaffMember",
    "audit_lines",
    "briefs",
    "by_of_card",
    "by_of_client",
    "by_of_user",
    "card",
    "card_holder",
    "card_holders",
    "card_of_person",
    "communities",
    "community",
    "community_by_code",
    "household",
    "household_briefs",
    "household_by_no",
    "households_of_grid",
    "living_cards",
    "organisations",
    "person_brief",
    "person_of_login",
    "place",
    "places",
    "proofs_of_household",
    "search_people",
    "staff",
]
