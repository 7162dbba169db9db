"""Every refusal: one class, one stable code, one HTTP status, facts; no prose.

A refusal says that the community's rules do not allow a deed. The sentence a person
reads is made in ``web/words.py`` from the code and the facts. Bugs are not here: they
stay ordinary exceptions that nobody catches.
"""

from collections.abc import Iterator


class TimebankError(Exception):
    """A refusal with a stable ``code`` and the ``facts`` that explain it.

    ``status`` is the HTTP status. 409 is usual: the rules do not allow the deed as things stand.
    """

    code = "REFUSED"
    status = 409

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code}({told})"


def every_refusal(base: type[TimebankError] = TimebankError) -> Iterator[type[TimebankError]]:
    """Yield each refusal class, for the tables and tests that must know them all."""
    for kind in base.__subclasses__():
        yield kind
        yield from every_refusal(kind)


def refusal_of(code: str, facts: dict[str, object]) -> TimebankError:
    """Make again the refusal that was stored under ``code``."""
    kinds = {kind.code: kind for kind in every_refusal()}
    return kinds.get(code, TimebankError)(**facts)


# Anybody may meet these.
class NotFound(TimebankError):
    """Nothing of that kind is known in this community."""

    code = "NOT_FOUND"
    status = 404


class NotAllowed(TimebankError):
    """The person's roles do not cover this deed here."""

    code = "NOT_ALLOWED"
    status = 403


class BadInput(TimebankError):
    """A value has the wrong shape; ``field`` and ``why`` say which and how."""

    code = "BAD_INPUT"
    status = 422


class WrongState(TimebankError):
    """The case has moved on: ``state`` is where it stands now."""

    code = "WRONG_STATE"


# The books.
class RequestKeyReused(TimebankError):
    """The same request id came again with another content."""

    code = "REQUEST_KEY_REUSED"
    status = 422


class RequestKeyNeeded(TimebankError):
    """A machine must name its deed: in ``header``, ``least`` to ``most`` visible letters."""

    code = "REQUEST_KEY_NEEDED"
    status = 400


class InsufficientBalance(TimebankError):
    """``short_by`` units are missing, holds counted."""

    code = "INSUFFICIENT_BALANCE"


class AboveCeiling(TimebankError):
    """The account may not hold that much: ``over_by`` units too many."""

    code = "ABOVE_CEILING"


class AccountClosed(TimebankError):
    code = "ACCOUNT_CLOSED"


class CommodityMismatch(TimebankError):
    """The two accounts of a posting count different things."""

    code = "COMMODITY_MISMATCH"
    status = 422


class HoldAlreadyResolved(TimebankError):
    code = "HOLD_ALREADY_RESOLVED"


class CaptureAboveHold(TimebankError):
    code = "CAPTURE_ABOVE_HOLD"


class AlreadyReversed(TimebankError):
    code = "ALREADY_REVERSED"


class FactSettled(TimebankError):
    """What the fact lacked was settled by ``settling_txn_id``, which is reversed before it."""

    code = "FACT_SETTLED"


# People.
class DuplicateIdentity(TimebankError):
    """The id number is registered already; the first owner is never named."""

    code = "DUPLICATE_IDENTITY"


class BadIdNumber(TimebankError):
    code = "BAD_ID_NUMBER"
    status = 422


class SignInNeeded(TimebankError):
    """Nobody has signed in, or the sign-in is over."""

    code = "SIGN_IN_NEEDED"
    status = 401


class SignInFailed(TimebankError):
    code = "SIGN_IN_FAILED"
    status = 403


class TooManyTries(TimebankError):
    """Sign-in is closed until ``until_at``."""

    code = "TOO_MANY_TRIES"
    status = 429


class CardUnknown(TimebankError):
    code = "CARD_UNKNOWN"
    status = 404


class CardRevoked(TimebankError):
    code = "CARD_REVOKED"
    status = 403


# Goods.
class TooCloseToExpiry(TimebankError):
    code = "TOO_CLOSE_TO_EXPIRY"


class OpenedFood(TimebankError):
    code = "OPENED_FOOD"


class NotAccepted(TimebankError):
    """This kind of thing is never taken in."""

    code = "NOT_ACCEPTED"


class PreDepositLapsed(TimebankError):
    code = "PRE_DEPOSIT_LAPSED"


class OutOfStock(TimebankError):
    """Only ``available`` pieces can be promised now."""

    code = "OUT_OF_STOCK"


# Close of day.
class CountOutdated(TimebankError):
    """The books have moved since somebody looked: ``was`` then, ``is_now`` now.

    Of a till: ``is_now_fen`` now, after ``paid_fen`` went out or ``taken_fen`` came in.
    """

    code = "COUNT_OUTDATED"


class PromisedPiecesMissing(TimebankError):
    """Pieces that are missing are set aside for somebody: ``claims`` names for whom."""

    code = "PROMISED_PIECES_MISSING"


# Hours.
class TimeOverlap(TimebankError):
    code = "TIME_OVERLAP"


class SelfConfirm(TimebankError):
    """Nobody confirms hours of his own, nor those of a household member."""

    code = "SELF_CONFIRM"
    status = 403


class NotVolunteerService(TimebankError):
    code = "NOT_VOLUNTEER_SERVICE"


class LateRecord(TimebankError):
    """The last day for recording was ``last_on``; a supervisor may still enter it."""

    code = "LATE_RECORD"


class AlreadyCheckedIn(TimebankError):
    code = "ALREADY_CHECKED_IN"


class NotCheckedIn(TimebankError):
    code = "NOT_CHECKED_IN"


class NotAVolunteer(TimebankError):
    code = "NOT_A_VOLUNTEER"


# Policy.
class SamePerson(TimebankError):
    """What needs a second person was tried by the first."""

    code = "SAME_PERSON"


class RuleOverlap(TimebankError):
    """Another version of the programme counts on those days: ``version_no`` says which."""

    code = "RULE_OVERLAP"


class RehearsalFailed(TimebankError):
    """The rule answers a golden case otherwise: ``case``, ``wanted`` and ``got`` say how."""

    code = "REHEARSAL_FAILED"


# Aid.
class NotEligible(TimebankError):
    code = "NOT_ELIGIBLE"


class ProofExpired(TimebankError):
    code = "PROOF_EXPIRED"


class HouseholdCap(TimebankError):
    """The quota of the window is used up; ``next_on`` says when pieces come free."""

    code = "HOUSEHOLD_CAP"


class NeedsInformation(TimebankError):
    """``missing`` names the papers to bring."""

    code = "NEEDS_INFORMATION"


class NeedsReview(TimebankError):
    code = "NEEDS_REVIEW"


class BookingClosed(TimebankError):
    """After repeated no-shows booking rests until ``until_on``; the counter stays open."""

    code = "BOOKING_CLOSED"


class WrongPickupCode(TimebankError):
    code = "WRONG_PICKUP_CODE"


# Kiosks.
class PairingRefused(TimebankError):
    code = "PAIRING_REFUSED"
    status = 403


class BadSignature(TimebankError):
    code = "BAD_SIGNATURE"
    status = 403


class DeviceRevoked(TimebankError):
    code = "DEVICE_REVOKED"
    status = 403
