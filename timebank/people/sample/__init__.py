"""What the subject of people brings to the sample community: its places, families and staff."""

from timebank.people.sample.errands import (
    check_drawn_papers,
    enter_brought_papers,
    invite_staff,
    open_sealed_data,
    reset_forgotten_password,
)
from timebank.people.sample.founding import found
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.people.sample.population import Spot
from timebank.people.sample.relatives import record_relatives

__all__ = [
    "Neighbourhood",
    "Spot",
    "check_drawn_papers",
    "enter_brought_papers",
    "found",
    "invite_staff",
    "open_sealed_data",
    "record_relatives",
    "reset_forgotten_password",
]
