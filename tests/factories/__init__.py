"""Builders for tests: plain functions ``make_…(session, …)`` that act through actions.

One file per subject. This file only builds actors.
"""

from itertools import count

from timebank.values import By, Role

_clients = count(1)


def make_by(
    *roles: str,
    community_id: int = 1,
    place_id: int | None = None,
    person_id: int | None = None,
    household_id: int | None = None,
    user_id: int | None = None,
    channel: str = "web",
) -> By:
    """An actor with roles, their place, and a person. Each one is another client."""
    return By(
        community_id,
        f"test:{next(_clients)}",
        channel=channel,
        user_id=user_id,
        person_id=person_id,
        household_id=household_id,
        roles=frozenset(Role(name, place_id) for name in roles),
    )
