"""The actions on people, one function per use case; most leave the commit to their caller.

The sign-in, its visits and the reveal open their own units of work: what they count and record
must persist when the caller is refused, and what they return must not be stored with a request id.
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
from timebank.people.actions.proofs import (
    NewProof,
    ProofEnded,
    ProofsAdded,
    add_proofs,
    end_proof,
)
from timebank.people.actions.proving import Way, check_own, prove, way_of
from timebank.people.actions.reveal import Revealed, reveal, reveal_name
from timebank.people.actions.second_factor import (
    FactorConfirmed,
    FactorDrawn,
    confirm_second_factor,
    draw_second_factor,
    end_second_factor,
)
from timebank.people.actions.sign_in import sign_in, sign_in_by_card
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
from timebank.people.actions.visits import (
    SignedIn,
    VisitsEnded,
    end_other_visits,
    end_visit,
    open_visit,
    see_visit,
    sign_out,
)

__all__ = [
    "CardIssued",
    "CardSet",
    "CardStopped",
    "CardsIssued",
    "EnrolledPeople",
    "FactorConfirmed",
    "FactorDrawn",
    "NewHousehold",
    "NewOrganisation",
    "NewPerson",
    "NewPlace",
    "NewProof",
    "OrganisationsAdded",
    "PasswordChanged",
    "PeopleAdded",
    "PlacesAdded",
    "ProofEnded",
    "ProofsAdded",
    "Revealed",
    "RoleEnded",
    "RoleGranted",
    "SignedIn",
    "UserAdded",
    "UserClosed",
    "VisitsEnded",
    "Way",
    "add_organisations",
    "add_places",
    "add_proofs",
    "add_user",
    "change_password",
    "check_own",
    "close_user",
    "confirm_second_factor",
    "draw_second_factor",
    "end_other_visits",
    "end_proof",
    "end_role",
    "end_second_factor",
    "end_visit",
    "enrol_households",
    "enrol_people",
    "found_community",
    "grant_role",
    "issue_card",
    "issue_cards",
    "open_visit",
    "prove",
    "reveal",
    "reveal_name",
    "revoke_card",
    "see_visit",
    "set_card_preferences",
    "set_pin",
    "sign_in",
    "sign_in_by_card",
    "sign_out",
    "way_of",
]
