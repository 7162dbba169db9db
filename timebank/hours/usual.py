"""The usual services, to tick when a community is founded. Source: domain.md, D.1."""

from functools import cache
from pathlib import Path

from timebank.hours.actions import NewService
from timebank.stories.data import read_rows

_SERVICES = Path(__file__).parent / "data" / "services.toml"


@cache
def usual_services() -> tuple[NewService, ...]:
    """Read the fifteen services, and the wardens' rounds."""
    return tuple(NewService(**row) for row in read_rows(_SERVICES))
