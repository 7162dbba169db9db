"""Who may read, propose and confirm a change of the rules."""

from timebank.rights import Right

READ = Right(
    "settings.read",
    (
        "keeper", "grid_worker", "social_worker", "coordinator", "approver", "cashier",
        "accountant", "auditor", "hotline",
    ),
)  # fmt: skip
PROPOSE = Right("settings.propose", ("coordinator",))
# By another person than the one who proposed it: the action sees to it.
CONFIRM = Right("settings.confirm", ("coordinator", "approver"))
