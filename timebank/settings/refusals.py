"""The refusals of changing a parameter."""

from timebank.errors import TimebankError


class ChangeTooLate(TimebankError):
    """The day ``valid_from_on`` of the change began before a second person confirmed it."""

    code = "CHANGE_TOO_LATE"
