"""Rights: which roles may do something. Pure.

Each subject lists its rights in ``may.py``. Actions, route guards, menus and queries ask the
same ``Right``, so that no two of them disagree. ``timebank who-may`` prints them all.
"""

from dataclasses import dataclass

from timebank.errors import NotAllowed
from timebank.values import By


@dataclass(frozen=True, slots=True)
class Right:
    """Which roles may do something. **Shape**: ``name`` is ``subject.deed``.

    Who may for another reason, such as being the claimant, is decided in the action.
    """

    name: str
    roles: tuple[str, ...]

    def is_held(self, by: By) -> bool:
        """Tell whether somebody holds one of the roles, for any place at all."""
        return by.holds(*self.roles)

    def is_held_at(self, by: By, place_id: int | None) -> bool:
        """Tell whether somebody holds one of the roles for this place, or everywhere."""
        return by.has_role(*self.roles, place_id=place_id)

    def is_held_everywhere(self, by: By) -> bool:
        """Tell whether somebody holds one of the roles for the whole community."""
        return by.has_role(*self.roles)

    def require(self, by: By) -> None:
        """**Refuses**: ``NotAllowed`` for a person who holds none of the roles for any place.

        It is asked before anything is looked up, so that the refusal tells nothing.
        """
        if not self.is_held(by):
            raise NotAllowed(deed=self.name)

    def require_everywhere(self, by: By) -> None:
        """**Refuses**: ``NotAllowed`` unless one role is held for the whole community."""
        self.require_at(by, None)

    def require_at(self, by: By, place_id: int | None) -> None:
        """**Refuses**: ``NotAllowed`` for a person who holds none of the roles for this place."""
        if not self.is_held_at(by, place_id):
            raise NotAllowed(deed=self.name)
