"""Who may read and settle shortfalls."""

from timebank.rights import Right

OPEN_WORKLIST = Right(
    "desk.open_worklist",
    (
        "keeper", "grid_worker", "social_worker", "coordinator", "approver", "cashier",
        "accountant", "auditor", "hotline",
    ),
)  # fmt: skip
READ_SHORTFALLS = Right("desk.read_shortfalls", ("coordinator", "accountant", "auditor"))
SETTLE_SHORTFALL = Right("desk.settle_shortfall", ("coordinator", "accountant"))
# Whoever keeps the calendar is warned before it ends.
KEEP_CALENDAR = Right("desk.keep_calendar", ("coordinator",))
