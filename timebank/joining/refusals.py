"""The refusals of joining."""

from timebank.errors import TimebankError


class TooManyRegistrations(TimebankError):
    """One sender, or the whole community, has registered too many people for now."""

    code = "TOO_MANY_REGISTRATIONS"
    status = 429


class RegistrationUnknown(TimebankError):
    """Number and birthday do not belong together, or it is long over: it is never said which."""

    code = "REGISTRATION_UNKNOWN"
    status = 403
