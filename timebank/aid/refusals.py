"""The refusals of claims and hand-overs."""

from timebank.errors import TimebankError


class BookingClosed(TimebankError):
    """Booking is suspended until ``until_on`` after repeated no-shows; the counter stays open."""

    code = "BOOKING_CLOSED"


class WrongPickupCode(TimebankError):
    code = "WRONG_PICKUP_CODE"
