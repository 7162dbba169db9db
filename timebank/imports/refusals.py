"""The refusals of importing a sheet."""

from timebank.errors import TimebankError


class SheetKnown(TimebankError):
    """The same rows were uploaded before, as the batch ``batch_id``, and still stand."""

    code = "SHEET_KNOWN"


class SheetFaulty(TimebankError):
    """The sheet has ``faults`` now: some may have come since it was tried out."""

    code = "SHEET_FAULTY"


class SheetBuiltOn(TimebankError):
    """Something was recorded since about what the batch brought: it cannot be taken back."""

    code = "SHEET_BUILT_ON"
