"""The actions on people, one function per use case; none commits but the sign-in and the reveal.

Those two open their own units of work: what they count and record must persist when the caller is
refused.
"""

from timebank.people.actions.cards import (
    CardIssued,
    CardSet,
    CardsIssued,
    CardStopped,
    issue_card,
    issue_cards,
    revoke_card,
    set_card_preferences,
    set_pin,
)
from timebank.people.actions.enrolment import (
    EnrolledPeople,
    NewHousehold,
    NewPerson,
    PeopleAdded,
    enrol_households,
    enrol_people,
)
from timebank.people.actions.founding import (
    NewOrganisation,
    NewPlace,
    OrganisationsAdded,
    PlacesAdded,
    add_organisations,
    add_places,
    found_community,
)
from timebank.people.actions.openings import OpeningsAnswered, answer_openings
from timebank.people.actions.paper_checks import PaperChecked, check_paper
from timebank.people.actions.pin_wishes import PinWishSet, ask_for_pin, end_pin_wish
from timebank.people.actions.pins import (
    PinReset,
    PinResetAsked,
    PinResetRead,
    ask_pin_reset,
    read_pin_reset,
    reset_pin,
)
from timebank.people.actions.proofs import (
    NewProof,
    ProofEnded,
    ProofsAdded,
    add_proofs,
    end_proof,
)
from timebank.people.actions.reveal import Revealed, reveal
from timebank.people.actions.sign_in import sign_in, sign_in_by_card, sign_out
from timebank.people.actions.users import (
    PasswordChanged,
    RoleEnded,
    RoleGranted,
    UserAdded,
    UserClosed,
    add_user,
    change_password,
    close_user,
    end_role,
    grant_role,
)

__all__ = [
    "CardIssued",
    "CardSet",
    "CardStopped",
    "CardsIssued",
    "EnrolledPeople",
    "NewHousehold",
    "NewOrganisation",
    "NewPerson",
    "NewPlace",
    "NewProof",
    "OpeningsAnswered",
    "OrganisationsAdded",
    "PaperChecked",
    "PasswordChanged",
    "PeopleAdded",
    "PinReset",
    "PinResetAsked",
    "PinResetRead",
    "PinWishSet",
    "PlacesAdded",
    "ProofEnded",
    "ProofsAdded",
    "Revealed",
    "RoleEnded",
    "RoleGranted",
    "UserAdded",
    "UserClosed",
    "add_organisations",
    "add_places",
    "add_proofs",
    "add_user",
    "answer_openings",
    "ask_for_pin",
    "ask_pin_reset",
    "change_password",
    "check_paper",
    "close_user",
    "end_pin_wish",
    "end_proof",
    "end_role",
    "enrol_households",
    "enrol_people",
    "found_community",
    "grant_role",
    "issue_card",
    "issue_cards",
    "read_pin_reset",
    "reset_pin",
    "reveal",
    "revoke_card",
    "set_card_preferences",
    "set_pin",
    "sign_in",
    "sign_in_by_card",
    "sign_out",
]
