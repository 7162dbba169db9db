"""Who calls people whom no message reached, and who sends an unclear one again."""

from timebank.rights import Right

CALL_PEOPLE = Right("messages.call", ("coordinator", "social_worker", "grid_worker"))
SEND_AGAIN = Right("messages.send_again", ("coordinator", "social_worker"))
# A job, and nobody else needs it.
END_OLD = Right("messages.end_old", ("coordinator",))
