"""What the founding of a community has made: ids, in the order of its description.

``timebank/founding`` makes it; stories and the sample read it. Not here: how it is made.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """The ids of everything that a community begins with."""

    community_id: int
    grid_ids: tuple[int, ...]
    building_ids: tuple[int, ...]
    store_ids: tuple[int, ...]
    item_ids: tuple[int, ...]
    service_ids: tuple[int, ...]
    person_ids: tuple[int, ...]
