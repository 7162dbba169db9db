"""Who may confirm, enter and correct records of service."""

from timebank.rights import Right

ORGANISE = Right("hours.organise", ("keeper", "social_worker", "grid_worker", "coordinator"))
# Staff who act at a counter or by phone for somebody who cannot do it themselves.
ENTER_FOR_OTHERS = Right("hours.enter_for_others", (*ORGANISE.roles, "hotline"))
TAKE_CALLS = Right("hours.take_calls", ("hotline",))
SUPERVISE = Right("hours.supervise", ("coordinator",))
REGISTER_VOLUNTEERS = Right("hours.register_volunteers", ("coordinator", "social_worker"))
