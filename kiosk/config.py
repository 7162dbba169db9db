"""Settings of one kiosk, read from the environment. Nothing is opened here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from timebank.errors import BadInput


@dataclass(frozen=True, slots=True)
class Config:
    """The kiosk's data folder, its server, and its timeouts.

    **Units**: times in seconds, sizes in bytes.
    """

    data: Path
    server: str
    port: int = 8100
    idle_seconds: int = 40  # Then it asks whether more time is needed.
    more_seconds: int = 150  # The same for whoever has asked for more time.
    grace_seconds: int = 20  # Then the visit ends.
    result_seconds: int = 15  # A finished deed stays this long on the screen.
    more_result_seconds: int = 60  # The same for whoever has asked for more time.
    patience_seconds: float = 2.0  # A page waits at most so long for the server.
    disk_free_min: int = 50 * 2**20  # With less no task can begin, so that none fails at its end.

    def idle(self, *, more_time: bool) -> int:
        """How long nobody may touch the screen before it asks."""
        return self.more_seconds if more_time else self.idle_seconds

    def result(self, *, more_time: bool) -> int:
        """How long the result of a deed stays on the screen."""
        return self.more_result_seconds if more_time else self.result_seconds

    def visit_seconds(self, *, more_time: bool) -> int:
        """How long a visit lives without a touch."""
        return self.idle(more_time=more_time) + self.grace_seconds


def read_config(environ: Mapping[str, str]) -> Config:
    """Read TIMEBANK_DATA, KIOSK_PORT, and KIOSK_SERVER (or PORT on this machine).

    **Refuses**: ``BadInput`` with the name of the invalid variable.
    """
    data = Path(environ.get("TIMEBANK_DATA") or "data").absolute() / "kiosk"
    here = f"http://127.0.0.1:{_port(environ, 'PORT', 8000)}"
    server = (environ.get("KIOSK_SERVER") or here).rstrip("/")
    if not server.startswith(("http://", "https://")):
        raise BadInput(field="KIOSK_SERVER", why="address", value=server)
    return Config(data=data, server=server, port=_port(environ, "KIOSK_PORT", 8100))


def _port(environ: Mapping[str, str], name: str, usual: int) -> int:
    setting = environ.get(name) or str(usual)
    if not setting.isdecimal() or not 0 < int(setting) < 65536:
        raise BadInput(field=name, why="port", value=setting)
    return int(setting)
