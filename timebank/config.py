"""Settings from the environment: data folder, database, ports.

This module only reads the environment. It opens no file and no connection.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from timebank.errors import BadInput

_MOUNT = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. Every default suits a single machine."""

    data: Path
    database_url: str
    port: int
    kiosk_port: int
    community_code: str
    is_clock_right: bool = False  # An operator says so, against the books.
    # Whose headers about client, scheme and host are believed; nobody's by default.
    proxies: tuple[Network, ...] = ()
    is_https: bool = False
    mount: str = ""  # The path of a portal below which the site is, such as ``/timebank``.
    framed_by: tuple[str, ...] = ()  # The origins whose pages may show the site in a frame.
    # The gateways of messages, with their passwords: never in a table, a log or on a page.
    mail_url: str = field(default="", repr=False)
    sms_url: str = field(default="", repr=False)

    @property
    def key_file(self) -> Path:
        """The key of the encrypted columns; TIMEBANK_KEY takes precedence."""
        return self.data / "key"

    @property
    def seal_key_file(self) -> Path:
        """The key that signs the checkpoints; TIMEBANK_SEAL_KEY takes precedence."""
        return self.data / "seal.key"

    @property
    def kiosk_data(self) -> Path:
        return self.data / "kiosk"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def threads(self) -> int:
        """How many requests are served at once.

        On SQLite more than two wait for each other: eight lose a third of the throughput.
        """
        return 2 if self.database_url.startswith("sqlite") else 8


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read PORT, KIOSK_PORT and what begins with TIMEBANK_, except the keys.

    **Refuses**: ``BadInput`` with the name of the invalid variable.
    """
    data = Path(environ.get("TIMEBANK_DATA") or "data").absolute()
    return Settings(
        data=data,
        database_url=environ.get("TIMEBANK_DATABASE") or f"sqlite:///{data / 'timebank.sqlite'}",
        port=_port(environ, "PORT", 8000),
        kiosk_port=_port(environ, "KIOSK_PORT", 8100),
        community_code=environ.get("TIMEBANK_COMMUNITY") or "",
        is_clock_right=_is_on(environ, "TIMEBANK_CLOCK_IS_RIGHT"),
        proxies=_networks(environ, "TIMEBANK_PROXIES"),
        is_https=_is_on(environ, "TIMEBANK_HTTPS"),
        mount=_mount(environ, "TIMEBANK_MOUNT"),
        framed_by=_framers(environ, "TIMEBANK_FRAMED_BY"),
        mail_url=_gateway(environ, "TIMEBANK_MAIL"),
        sms_url=_gateway(environ, "TIMEBANK_SMS"),
    )


def _port(environ: Mapping[str, str], name: str, usual: int) -> int:
    setting = environ.get(name) or str(usual)
    if not setting.isdecimal() or not 0 < int(setting) < 65536:
        raise BadInput(field=name, why="port", value=setting)
    return int(setting)


def _networks(environ: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Read addresses and networks with commas between them."""
    setting = environ.get(name) or ""
    try:
        return tuple(
            ipaddress.ip_network(network.strip())
            for network in setting.split(",")
            if network.strip()
        )
    except ValueError as fault:
        raise BadInput(field=name, why="network", value=setting) from fault


def _mount(environ: Mapping[str, str], name: str) -> str:
    """Read a path; a slash at its end makes no difference."""
    setting = (environ.get(name) or "").rstrip("/")
    if not _MOUNT.fullmatch(setting):
        raise BadInput(field=name, why="path", value=setting)
    return setting


def _framers(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read origins with commas between them. In a frame browsers send secure cookies only."""
    setting = environ.get(name) or ""
    origins = tuple(origin.strip() for origin in setting.split(",") if origin.strip())
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise BadInput(field=name, why="origin", value=setting)
    if origins and not _is_on(environ, "TIMEBANK_HTTPS"):
        raise BadInput(field=name, why="https", value=setting)
    return origins


def _gateway(environ: Mapping[str, str], name: str) -> str:
    """Read the address of a gateway, in which ``{to}`` stands for whom a message is for.

    The fault names the variable only: the address holds a password.
    """
    setting = environ.get(name) or ""
    if setting and ("://" not in setting or setting.count("{to}") != 1):
        raise BadInput(field=name, why="gateway", value="…")
    return setting


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    setting = environ.get(name) or "0"
    if setting not in ("0", "1"):
        raise BadInput(field=name, why="switch", value=setting)
    return setting == "1"
