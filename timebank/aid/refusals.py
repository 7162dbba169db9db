"""The refusals of claims and hand-overs."""

from timebank.errors import TimebankError


class BookingClosed(TimebankError):
    """Booking is suspended until ``until_on`` after repeated no-shows; the counter stays open."""

    code = "BOOKING_CLOSED"


class NotConfirmed(TimebankError):
    """What would be given is not exactly what was confirmed; nothing was claimed.

    ``lines`` say what of each item was ``asked`` and would be ``approved``, ``lots`` from where it
    would be taken, ``share_left`` what would stay of the share (None means no limit).
    """

    code = "NOT_CONFIRMED"


class WrongPickupCode(TimebankError):
    code = "WRONG_PICKUP_CODE"


class JustClaimed(TimebankError):
    """The household claimed the same things at ``asked_at``; the caller wants to be asked first.

    ``claim_id`` is that claim. Nobody is refused: the same claim without ``once`` is accepted.
    """

    code = "JUST_CLAIMED"


class EnteredPaperToday(TimebankError):
    """Whoever entered a paper of the household at ``entered_at`` does nothing more for it today.

    They may again on ``free_on``; until then another member of staff does it.
    """

    code = "ENTERED_PAPER_TODAY"
    status = 403


class ClaimsOpen(TimebankError):
    """Something is reserved or in review for the household: ``claim_no``. End it first."""

    code = "CLAIMS_OPEN"
