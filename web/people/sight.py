"""Which people a member of staff may see, and in how much detail."""

from timebank.errors import NotFound
from timebank.people.queries import PersonBrief
from timebank.people.rules import sight_of
from timebank.people.sight import reaches
from timebank.rights import Right
from timebank.values import By


def sees(by: By, grid_id: int | None) -> bool:
    """Tell whether a person of this grid is within the reader's sight."""
    sight = sight_of(by)
    return sight is not None and (sight.grid_ids is None or grid_id in sight.grid_ids)


def require_sight(by: By, right: Right, *, kind: str, grid_id: int | None) -> None:
    """Check that the right of a page reaches the people of a grid, as the page's action does.

    **Refuses**: ``NotFound``, as for a person who does not exist.
    """
    if not reaches(by, right, grid_id):
        raise NotFound(kind=kind)


def reads_names(by: By, grid_id: int | None = None) -> bool:
    """Tell whether the reader sees whole names and papers there, or masked names only."""
    sight = sight_of(by)
    return sight is not None and not sight.masked and sees(by, grid_id)


def shown_name(by: By, brief: PersonBrief) -> str:
    """The name as this reader may see it."""
    return brief.name if reads_names(by, brief.grid_id) else brief.masked_name
