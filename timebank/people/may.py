"""Who may enrol people, keep their papers and cards, and look at them."""

from timebank.rights import Right

# Grid workers enrol and keep papers for their grid only: the action asks for the place.
ADD_PLACES = Right("people.add_places", ("coordinator",))
ADD_ORGANISATIONS = Right("people.add_organisations", ("coordinator", "social_worker"))
ENROL_PEOPLE = Right("people.enrol_people", ("coordinator", "social_worker"))
ENROL_HOUSEHOLDS = Right("people.enrol_households", ("coordinator", "social_worker", "grid_worker"))
KEEP_PAPERS = Right(
    "people.keep_papers", ("coordinator", "social_worker", "grid_worker", "approver")
)
# Who is a relative of whom, at the counter; ended by somebody who is close to neither.
KEEP_RELATIONS = Right(
    "people.keep_relations", ("coordinator", "social_worker", "grid_worker", "approver")
)
# A job, on the day on which a group of ages changes.
MOVE_AGES = Right("people.move_age_groups", ("coordinator",))
# The second look at a paper; never by the person who entered it.
CHECK_PAPERS = Right("people.check_papers", ("coordinator", "social_worker", "approver"))
ALLOW_OPENINGS = Right("people.allow_openings", ("coordinator", "approver"))
REVEAL = Right("people.reveal", ("coordinator", "social_worker", "grid_worker", "approver"))
ADD_STAFF_USER = Right("people.add_staff_user", ("coordinator",))
ADD_RESIDENT_USER = Right("people.add_resident_user", ("coordinator", "social_worker"))
# Staff by invitation: whoever invites does not confirm.
INVITE_STAFF = Right("people.invite_staff", ("coordinator",))
# The second person of a weighty role: a new community has one coordinator and one approver.
CONFIRM_STAFF = Right("people.confirm_staff", ("coordinator", "approver"))
GRANT_ROLE = Right("people.grant_role", ("coordinator",))
END_ROLE = Right("people.end_role", ("coordinator",))
CLOSE_USER = Right("people.close_user", ("coordinator",))
# A forgotten password at the counter, against the document: two of these, who see whole names.
RESET_PASSWORD = Right("people.reset_password", ("coordinator", "social_worker", "approver"))
# Who speaks for a firm and sees its statement.
KEEP_REPRESENTATIVES = Right("people.keep_representatives", ("coordinator",))
# Cards and PINs, at a counter anywhere.
SERVE_CARDS = Right("people.serve_cards", ("coordinator", "social_worker", "grid_worker", "keeper"))
SEARCH = Right(
    "people.search",
    (
        "grid_worker", "social_worker", "coordinator", "approver", "keeper", "auditor", "hotline",
    ),
)  # fmt: skip
READ_MASKED_NAMES = Right(
    "people.read_masked_names", ("keeper", "cashier", "accountant", "auditor")
)
# Whoever checks the books sees donors masked, and opens a name with a reason.
REVEAL_NAMES = Right("people.reveal_names", ("accountant", "auditor"))
READ_FULL_NAMES = Right(
    "people.read_full_names",
    ("coordinator", "grid_worker", "social_worker", "approver", "hotline"),
)
# Two records of one person: one of these asks, another one answers; the same to take it back.
MERGE_PEOPLE = Right("people.merge_people", ("coordinator", "social_worker", "approver"))
# Who acts for whom, by a paper or a witness: one of these enters it, another one confirms it.
KEEP_MANDATES = Right("people.keep_mandates", ("coordinator", "social_worker", "approver"))
