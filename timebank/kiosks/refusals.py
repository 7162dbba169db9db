"""The refusals for kiosks."""

from timebank.errors import TimebankError


class PairingRefused(TimebankError):
    code = "PAIRING_REFUSED"
    status = 403


class BadSignature(TimebankError):
    code = "BAD_SIGNATURE"
    status = 403


class DeviceRevoked(TimebankError):
    code = "DEVICE_REVOKED"
    status = 403
