"""The refusals of enrolment, sign-in and cards."""

from timebank.errors import TimebankError


class DuplicateIdentity(TimebankError):
    """The id number is registered already; its owner is never named.

    ``why`` is *name_and_birth* where somebody without an id number may be the same person.
    """

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


class SecondFactorNeeded(TimebankError):
    """The password is right, but the second factor is missing.

    ``why`` is *code*, or *set_up* for a role that must set one up on the page first.
    """

    code = "SECOND_FACTOR_NEEDED"
    status = 403


class TooManyTries(TimebankError):
    """Attempts of this kind are refused until ``until_at``; other ways stay open."""

    code = "TOO_MANY_TRIES"
    status = 429


class SignInClosed(TooManyTries):
    """Strangers have guessed at this account too often; known devices and the counter are open."""

    code = "SIGN_IN_CLOSED"


class InvitationUnknown(TimebankError):
    """The code of a slip is wrong, used, withdrawn, replaced or over: it is never said which."""

    code = "INVITATION_UNKNOWN"
    status = 403


class LastOfStaff(TimebankError):
    """Nobody could invite or confirm staff any more; ``why`` is *coordinator* or *second*."""

    code = "LAST_OF_STAFF"


class NoMandate(TimebankError):
    """Nobody has given a mandate for this deed, or it has ended."""

    code = "NO_MANDATE"
    status = 403


class CardUnknown(TimebankError):
    code = "CARD_UNKNOWN"
    status = 404


class CardRevoked(TimebankError):
    code = "CARD_REVOKED"
    status = 403


class DecidedByTwo(TimebankError):
    """A special approval is decided in a case by two people; it cannot be entered."""

    code = "DECIDED_BY_TWO"


class MinorNoGuardian(TimebankError):
    """Somebody under 18 has no guardian's consent that is valid on ``served_on``."""

    code = "MINOR_NO_GUARDIAN"


class PaperTooLong(TimebankError):
    """This kind of paper is entered at most until ``latest_on``, which is ``months`` long."""

    code = "PAPER_TOO_LONG"
    status = 422


class OtherDocumentNo(TimebankError):
    """The number that the second person read is not the one that was entered."""

    code = "OTHER_DOCUMENT_NO"


class OpeningsUsedUp(TimebankError):
    """The sealed data opened today is all that one person may open alone: ``most`` times."""

    code = "OPENINGS_USED_UP"
    status = 403


class PinResetToday(TimebankError):
    """Whoever had a part in setting somebody's PIN does nothing more for them until ``free_on``."""

    code = "PIN_RESET_TODAY"
    status = 403


class PasswordResetToday(TimebankError):
    """Whoever had a part in resetting somebody's password does nothing more for them until
    ``free_on``.
    """

    code = "PASSWORD_RESET_TODAY"
    status = 403


class CardIssuedToday(TimebankError):
    """Whoever had a part in making somebody's card does nothing more for them until ``free_on``."""

    code = "CARD_ISSUED_TODAY"
    status = 403


class PlaceInUse(TimebankError):
    """A building or grid does not end while ``households`` live or ``buildings`` stand there."""

    code = "PLACE_IN_USE"
