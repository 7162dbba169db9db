"""The refusals: one class each, with a stable code, an HTTP status, and facts; no prose.

A refusal means that the rules of the community do not allow a deed. The web composes the sentence
for the reader from the code and the facts. Bugs are not here: they are ordinary exceptions that
nobody catches.
"""

from collections.abc import Iterator


class TimebankError(Exception):
    """A refusal with a stable ``code`` and the ``facts`` that explain it.

    ``status`` is the HTTP status; the default 409 means that the rules do not allow the deed now.
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
    """Yield each refusal class, for tables and tests that need all of them."""
    for kind in base.__subclasses__():
        yield kind
        yield from every_refusal(kind)


def refusal_of(code: str, facts: dict[str, object]) -> TimebankError:
    """Recreate the refusal that was stored under ``code``."""
    kinds = {kind.code: kind for kind in every_refusal()}
    return kinds.get(code, TimebankError)(**facts)


# General refusals.
class NotFound(TimebankError):
    """This community has no such record."""

    code = "NOT_FOUND"
    status = 404


class NotAllowed(TimebankError):
    """The roles of the person do not allow this deed here."""

    code = "NOT_ALLOWED"
    status = 403


class BadInput(TimebankError):
    """A value is invalid; ``field`` and ``why`` say which and how."""

    code = "BAD_INPUT"
    status = 422


class WrongState(TimebankError):
    """The case is in another state now: ``state``."""

    code = "WRONG_STATE"


# The books.
class RequestKeyReused(TimebankError):
    """The request id was already used with different content."""

    code = "REQUEST_KEY_REUSED"
    status = 422


class RequestKeyNeeded(TimebankError):
    """The request needs an idempotency key in ``header``, of ``least`` to ``most`` visible
    characters.
    """

    code = "REQUEST_KEY_NEEDED"
    status = 400


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


# People.
class DuplicateIdentity(TimebankError):
    """The id number is registered already; its owner is never named."""

    code = "DUPLICATE_IDENTITY"


class BadIdNumber(TimebankError):
    code = "BAD_ID_NUMBER"
    status = 422


class SignInNeeded(TimebankError):
    """Nobody is signed in, or the session has expired."""

    code = "SIGN_IN_NEEDED"
    status = 401


class SignInFailed(TimebankError):
    code = "SIGN_IN_FAILED"
    status = 403


class TooManyTries(TimebankError):
    """Sign-in is blocked until ``until_at``."""

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
    """Goods of this kind are never accepted."""

    code = "NOT_ACCEPTED"


class PreDepositLapsed(TimebankError):
    code = "PRE_DEPOSIT_LAPSED"


class OutOfStock(TimebankError):
    """Only ``available`` pieces can be promised now."""

    code = "OUT_OF_STOCK"


# Close of day.
class CountOutdated(TimebankError):
    """The books have changed since the count: ``was`` then, ``is_now`` now.

    For a till: ``is_now_fen`` now, after ``paid_fen`` were paid out or ``taken_fen`` taken in.
    """

    code = "COUNT_OUTDATED"


class PromisedPiecesMissing(TimebankError):
    """Missing pieces are reserved for somebody; ``claims`` lists for whom."""

    code = "PROMISED_PIECES_MISSING"


# Hours.
class TimeOverlap(TimebankError):
    code = "TIME_OVERLAP"


class SelfConfirm(TimebankError):
    """Nobody may confirm their own hours or those of a household member."""

    code = "SELF_CONFIRM"
    status = 403


class NotVolunteerService(TimebankError):
    code = "NOT_VOLUNTEER_SERVICE"


class LateRecord(TimebankError):
    """Recording was possible until ``last_on``; a supervisor may still enter it."""

    code = "LATE_RECORD"


class AlreadyCheckedIn(TimebankError):
    code = "ALREADY_CHECKED_IN"


class NotCheckedIn(TimebankError):
    code = "NOT_CHECKED_IN"


class NotAVolunteer(TimebankError):
    code = "NOT_A_VOLUNTEER"


# Policy.
class SamePerson(TimebankError):
    """A step that needs a second person was tried by the first one."""

    code = "SAME_PERSON"


class RuleOverlap(TimebankError):
    """Another version of the programme, ``version_no``, is in force on those days."""

    code = "RULE_OVERLAP"


class RehearsalFailed(TimebankError):
    """The rule gives another answer to a golden case: ``case``, ``wanted`` and ``got``."""

    code = "REHEARSAL_FAILED"


# Aid.
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
