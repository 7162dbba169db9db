"""What the subject of hours brings to the sample community: its services."""

from pathlib import Path

from timebank.hours.actions import NewService
from timebank.stories.data import read_rows

SERVICES = Path(__file__).parent / "data" / "services.toml"


def sample_services() -> tuple[NewService, ...]:
    """Read the services that the sample community offers."""
    return tuple(NewService(**row) for row in read_rows(SERVICES))
