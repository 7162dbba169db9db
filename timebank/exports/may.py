"""Who may take everything away in one file, and read what the tables and fields mean."""

from timebank.rights import Right

TAKE_EVERYTHING = Right("exports.take_everything", ("coordinator",))
# Each list has the right of its page; this opens the page that names them, and the dictionary.
OPEN = Right(
    "exports.open",
    (
        "accountant", "approver", "auditor", "cashier", "coordinator", "grid_worker", "hotline",
        "keeper", "social_worker",
    ),
)  # fmt: skip
