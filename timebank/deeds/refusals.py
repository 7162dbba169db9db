"""Refusals of any deed, besides the common ones in ``errors.py``."""

from timebank.errors import TimebankError


class RequestKeyReused(TimebankError):
    """The request id was already used with different content."""

    code = "REQUEST_KEY_REUSED"
    status = 422


class RequestKeyNeeded(TimebankError):
    """An idempotency key is needed in ``header``, of ``least`` to ``most`` visible characters."""

    code = "REQUEST_KEY_NEEDED"
    status = 400


class SamePerson(TimebankError):
    """A step that needs a second person was tried by the first one."""

    code = "SAME_PERSON"
