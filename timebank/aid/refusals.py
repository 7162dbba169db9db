"""What claims and hand-outs may refuse."""

from timebank.errors import TimebankError


class NotEligible(TimebankError):
    code = "NOT_ELIGIBLE"


class ProofExpired(TimebankError):
    code = "PROOF_EXPIRED"


class HouseholdCap(TimebankError):
    """The quota of the window is used up; ``next_on`` is the day on which pieces become free."""

    code = "HOUSEHOLD_CAP"


class NeedsInformation(TimebankError):
    """``missing`` lists the papers to bring."""

    code = "NEEDS_INFORMATION"


class NeedsReview(TimebankError):
    code = "NEEDS_REVIEW"


class BookingClosed(TimebankError):
    """Booking is suspended until ``until_on`` after repeated no-shows; the counter stays open."""

    code = "BOOKING_CLOSED"


class WrongPickupCode(TimebankError):
    code = "WRONG_PICKUP_CODE"
