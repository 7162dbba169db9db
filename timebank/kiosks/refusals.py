"""The refusals for kiosks."""

from timebank.errors import TimebankError


class PairingRefused(TimebankError):
    code = "PAIRING_REFUSED"
    status = 403


class PairingNotAgreed(TimebankError):
    """A pairing code was asked for, and no second person has agreed to a kiosk in this shop."""

    code = "PAIRING_NOT_AGREED"
    status = 409


class BadSignature(TimebankError):
    code = "BAD_SIGNATURE"
    status = 403


class DeviceUnreadable(TimebankError):
    """The server cannot read the secret that it shares with the kiosk: pair it again."""

    code = "DEVICE_UNREADABLE"


class WrongDepositCode(TimebankError):
    """No deposit that waits to be brought to this store has this code."""

    code = "WRONG_DEPOSIT_CODE"


class TimeUnknown(TimebankError):
    """Nobody knows when a service at a kiosk began or ended, so no minutes are credited."""

    code = "TIME_UNKNOWN"
    status = 409


class DeviceRevoked(TimebankError):
    code = "DEVICE_REVOKED"
    status = 403
