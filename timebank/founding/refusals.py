"""The refusals of the first start."""

from timebank.errors import TimebankError


class SetUpCodeWrong(TimebankError):
    """The code is not one that the server printed, or it has ended."""

    code = "SET_UP_CODE_WRONG"


class SetUpUnfinished(TimebankError):
    """A step of the set-up is missing, or no longer right; ``step`` names it."""

    code = "SET_UP_UNFINISHED"
    status = 422
