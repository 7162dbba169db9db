"""Who may read and settle shortfalls."""

from timebank.rights import Right

READ_SHORTFALLS = Right("desk.read_shortfalls", ("coordinator", "accountant", "auditor"))
SETTLE_SHORTFALL = Right("desk.settle_shortfall", ("coordinator", "accountant"))
