"""Who may move people from one household to another, or out of the community."""

from timebank.rights import Right

# A grid worker moves people within their grid only: the action asks for the place.
MOVE_MEMBERS = Right("households.move_members", ("coordinator", "social_worker", "grid_worker"))
