"""The refusals of posting."""

from timebank.errors import TimebankError


class InsufficientBalance(TimebankError):
    """``short_by`` units are missing, holds included."""

    code = "INSUFFICIENT_BALANCE"


class AboveCeiling(TimebankError):
    """The account may not hold that much: ``over_by`` units too many."""

    code = "ABOVE_CEILING"


class AccountClosed(TimebankError):
    code = "ACCOUNT_CLOSED"


class CommodityMismatch(TimebankError):
    """The two accounts of a posting have different commodities."""

    code = "COMMODITY_MISMATCH"
    status = 422


class HoldAlreadyResolved(TimebankError):
    code = "HOLD_ALREADY_RESOLVED"


class CaptureAboveHold(TimebankError):
    code = "CAPTURE_ABOVE_HOLD"


class AlreadyReversed(TimebankError):
    code = "ALREADY_REVERSED"


class FactSettled(TimebankError):
    """The shortfall was settled by ``settling_txn_id``, which must be reversed first."""

    code = "FACT_SETTLED"
