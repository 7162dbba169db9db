"""The actions on people, one function per use case; most leave the commit to their caller.

The sign-in, its visits and the reveal open their own units of work: what they count and record
must persist when the caller is refused, and what they return must not be stored with a request id.
"""

from timebank.people.actions.ages import AgesMoved, move_age_groups
from timebank.people.actions.card_issues import (
    CardIssueAsked,
    CardIssueRead,
    ask_card,
    give_card,
    read_card_issue,
)
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
from timebank.people.actions.consents import (
    ConsentRecorded,
    give_consent,
    withdraw_consent,
)
from timebank.people.actions.details import (
    DetailsChanged,
    NewDetails,
    change_home,
    change_person,
)
from timebank.people.actions.devices import DeviceForgotten, forget_device
from timebank.people.actions.drafts import (
    DraftsForgotten,
    drop_draft,
    forget_drafts,
    keep_draft,
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
from timebank.people.actions.holder_pin import prove_holder, show_code
from timebank.people.actions.invitations import (
    InvitationCode,
    InvitationSettled,
    UserInvited,
    accept_invitation,
    confirm_invitation,
    draw_invitation_code,
    invite_user,
    withdraw_invitation,
)
from timebank.people.actions.openings import OpeningsAnswered, answer_openings
from timebank.people.actions.paper_checks import PaperChecked, check_paper
from timebank.people.actions.password_resets import (
    PasswordReset,
    PasswordResetAsked,
    PasswordResetRead,
    ask_password_reset,
    read_password_reset,
    reset_password,
)
from timebank.people.actions.pictures import PicturesForgotten, forget_pictures, open_picture
from timebank.people.actions.pin_wishes import PinWishSet, ask_for_pin, end_pin_wish
from timebank.people.actions.pins import (
    PinReset,
    PinResetAsked,
    PinResetRead,
    ask_pin_reset,
    read_pin_reset,
    reset_pin,
)
from timebank.people.actions.places import PlaceChanged, PlaceEnded, change_place, end_place
from timebank.people.actions.proofs import (
    NewProof,
    ProofEnded,
    ProofsAdded,
    add_proofs,
    end_proof,
)
from timebank.people.actions.proving import Way, check_own, prove, way_of
from timebank.people.actions.relations import (
    RelationEnded,
    RelationRecorded,
    end_relation,
    record_relation,
)
from timebank.people.actions.representatives import (
    RepresentativeEnded,
    RepresentativeNamed,
    end_representative,
    invite_representative,
    name_representative,
)
from timebank.people.actions.reveal import Revealed, reveal, reveal_name
from timebank.people.actions.roles import (
    RoleEnded,
    RoleGranted,
    UserClosed,
    close_user,
    end_role,
    grant_role,
)
from timebank.people.actions.second_factor import (
    FactorConfirmed,
    FactorDrawn,
    confirm_second_factor,
    draw_second_factor,
    end_second_factor,
    forget_second_factor,
)
from timebank.people.actions.sign_in import check_card_pin, sign_in, sign_in_by_card
from timebank.people.actions.unlocking import Unlocked, unlock, unlock_address
from timebank.people.actions.users import (
    PasswordChanged,
    UserAdded,
    add_user,
    change_password,
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
    "AgesMoved",
    "CardIssueAsked",
    "CardIssueRead",
    "CardIssued",
    "CardSet",
    "CardStopped",
    "CardsIssued",
    "ConsentRecorded",
    "DetailsChanged",
    "DeviceForgotten",
    "DraftsForgotten",
    "EnrolledPeople",
    "FactorConfirmed",
    "FactorDrawn",
    "InvitationCode",
    "InvitationSettled",
    "NewDetails",
    "NewHousehold",
    "NewOrganisation",
    "NewPerson",
    "NewPlace",
    "NewProof",
    "OpeningsAnswered",
    "OrganisationsAdded",
    "PaperChecked",
    "PasswordChanged",
    "PasswordReset",
    "PasswordResetAsked",
    "PasswordResetRead",
    "PeopleAdded",
    "PicturesForgotten",
    "PinReset",
    "PinResetAsked",
    "PinResetRead",
    "PinWishSet",
    "PlaceChanged",
    "PlaceEnded",
    "PlacesAdded",
    "ProofEnded",
    "ProofsAdded",
    "RelationEnded",
    "RelationRecorded",
    "RepresentativeEnded",
    "RepresentativeNamed",
    "Revealed",
    "RoleEnded",
    "RoleGranted",
    "SignedIn",
    "Unlocked",
    "UserAdded",
    "UserClosed",
    "UserInvited",
    "VisitsEnded",
    "Way",
    "accept_invitation",
    "add_organisations",
    "add_places",
    "add_proofs",
    "add_user",
    "answer_openings",
    "ask_card",
    "ask_for_pin",
    "ask_password_reset",
    "ask_pin_reset",
    "change_home",
    "change_password",
    "change_person",
    "change_place",
    "check_card_pin",
    "check_own",
    "check_paper",
    "close_user",
    "confirm_invitation",
    "confirm_second_factor",
    "draw_invitation_code",
    "draw_second_factor",
    "drop_draft",
    "end_other_visits",
    "end_pin_wish",
    "end_place",
    "end_proof",
    "end_relation",
    "end_representative",
    "end_role",
    "end_second_factor",
    "end_visit",
    "enrol_households",
    "enrol_people",
    "forget_device",
    "forget_drafts",
    "forget_pictures",
    "forget_second_factor",
    "found_community",
    "give_card",
    "give_consent",
    "grant_role",
    "invite_representative",
    "invite_user",
    "issue_card",
    "issue_cards",
    "keep_draft",
    "move_age_groups",
    "name_representative",
    "open_picture",
    "open_visit",
    "prove",
    "prove_holder",
    "read_card_issue",
    "read_password_reset",
    "read_pin_reset",
    "record_relation",
    "reset_password",
    "reset_pin",
    "reveal",
    "reveal_name",
    "revoke_card",
    "see_visit",
    "set_card_preferences",
    "set_pin",
    "show_code",
    "sign_in",
    "sign_in_by_card",
    "sign_out",
    "unlock",
    "unlock_address",
    "way_of",
    "withdraw_consent",
    "withdraw_invitation",
]
