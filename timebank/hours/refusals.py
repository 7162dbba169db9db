"""The refusals of service records."""

from timebank.errors import TimebankError


class TimeOverlap(TimebankError):
    code = "TIME_OVERLAP"


class SelfConfirm(TimebankError):
    """Nobody may confirm their own hours or those of a household member."""

    code = "SELF_CONFIRM"
    status = 403


class NotVolunteerService(TimebankError):
    code = "NOT_VOLUNTEER_SERVICE"


class BothRoles(TimebankError):
    """Somebody helped and was helped at the same time, and nobody has asked them yet."""

    code = "BOTH_ROLES"


class LateRecord(TimebankError):
    """Recording was possible until ``last_on``; a supervisor may still enter it."""

    code = "LATE_RECORD"


class AlreadyCheckedIn(TimebankError):
    code = "ALREADY_CHECKED_IN"


class NotCheckedIn(TimebankError):
    code = "NOT_CHECKED_IN"


class NotAVolunteer(TimebankError):
    code = "NOT_A_VOLUNTEER"
