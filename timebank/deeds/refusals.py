"""What every deed may refuse beside the common refusals."""

from timebank.errors import TimebankError


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


class SamePerson(TimebankError):
    """A step that needs a second person was tried by the first one."""

    code = "SAME_PERSON"
