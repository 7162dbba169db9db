"""Who may tell something to everybody."""

from timebank.rights import Right

WRITE_NOTICES = Right("notices.write", ("coordinator", "social_worker", "keeper"))
