"""The gateways for e-mail and SMS: where they are, and one attempt to send, through ``apprise``.

Off until the environment names them (``config.py``). Their addresses hold passwords, so they are in
no table, no log and no page. Not here: what is sent to whom, and when (``sending.py``).
"""

import logging
import re
import smtplib
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy.orm import Session

from timebank.messages.rules import EMAIL, REFUSED, SENT, SMS, UNCLEAR

TO = "{to}"  # In the address of a gateway: whom it is for.
GATEWAYS = "gateways"  # In the ``info`` of a database.
_log = logging.getLogger("timebank.messages")
_ALONE = threading.Lock()  # The log is one for all threads.
_STATUS = re.compile(r"error=(\d{3})")
# The gateway itself, or a proxy before it, does not know what became of it.
_UNKNOWN_STATUS = frozenset({"408", "500", "502", "504"})
# Nothing was handed over: no connection, no sign-in, or a clear no of the server.
_DEFINITE = (
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
)


@dataclass(frozen=True, slots=True)
class Gateways:
    """The address of each gateway, with ``{to}`` in it; empty while it is off."""

    email: str = field(default="", repr=False)
    sms: str = field(default="", repr=False)

    @property
    def ready(self) -> tuple[str, ...]:
        return tuple(name for name, url in ((EMAIL, self.email), (SMS, self.sms)) if url)

    def url_for(self, channel: str, to: str) -> str:
        """The address for one recipient."""
        url = self.email if channel == EMAIL else self.sms
        return url.replace(TO, quote(to, safe="@"))


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What became of an attempt: *sent*, *failed* for certain, or *unclear*; and a code why."""

    name: str
    why: str = ""


def gateways_of(info: dict[str, object]) -> Gateways:
    """The gateways of a database or a session; all are off where nobody set them up."""
    found = info.get(GATEWAYS)
    return found if isinstance(found, Gateways) else Gateways()


def ready_channels(session: Session) -> tuple[str, ...]:
    """The ways on which a message can leave now."""
    return gateways_of(session.info).ready


class _Witness(logging.Handler):
    """Keeps the fault that ``apprise`` caught and wrote to its log, and the status of an answer.

    It returns only whether all went well. Its log is written while the fault is being handled.
    Nothing of the log goes further, because it names the recipients.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.fault: BaseException | None = None
        self.status = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.fault = sys.exc_info()[1] or self.fault
        said = _STATUS.search(record.getMessage())
        self.status = said[1] if said else self.status

    def outcome(self) -> GatewayAnswer:
        """Judge what was seen: only a clear no counts as a failure."""
        if self.fault is not None:
            why = type(self.fault).__name__
            return GatewayAnswer(REFUSED if is_definite(self.fault) else UNCLEAR, why[:40])
        is_clear = self.status and self.status not in _UNKNOWN_STATUS
        return GatewayAnswer(REFUSED if is_clear else UNCLEAR, self.status or "unknown")


def is_definite(fault: BaseException) -> bool:
    """Tell whether a fault, or what caused it, means that nothing was handed over.

    A time-out or a broken connection does not: the message may have arrived.
    """
    return any(
        isinstance(cause, _DEFINITE) or type(cause).__name__ == "NewConnectionError"
        for cause in _causes(fault)
    )


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """A fault and everything behind it; ``requests`` wraps its causes as arguments."""
    waiting, seen = [fault], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        behind = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting.extend(one for one in behind if isinstance(one, BaseException))


@contextmanager
def _watching() -> Iterator[_Witness]:
    witness, logger = _Witness(), logging.getLogger("apprise")
    before = logger.level, logger.propagate
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(witness)
    try:
        yield witness
    finally:
        logger.removeHandler(witness)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def send(url: str, *, title: str, body: str) -> GatewayAnswer:
    """Send one text to the recipient in ``url``. Never raises: an unknown fault is *unclear*."""
    import apprise  # Slow to import, and only the clockwork needs it.

    try:
        sender = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
        is_known = sender.add(url)
    except Exception as fault:
        _log.error("a gateway cannot be used: %s", type(fault).__name__)
        is_known = False
    if not is_known:
        return GatewayAnswer(REFUSED, "address")
    with _ALONE, _watching() as witness:
        try:
            is_sent = sender.notify(title=title, body=body, body_format="text")
        except Exception as fault:
            _log.error("a gateway failed: %s", type(fault).__name__)
            return GatewayAnswer(UNCLEAR, type(fault).__name__[:40])
        return GatewayAnswer(SENT) if is_sent else witness.outcome()
