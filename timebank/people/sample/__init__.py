"""What the subject of people brings to the sample community: its places, families and staff."""

from timebank.people.sample.founding import found
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.people.sample.population import Spot

__all__ = ["Neighbourhood", "Spot", "found"]
