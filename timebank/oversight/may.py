"""Who may read the audit trail, and who looks after the community."""

from timebank.rights import Right

READ_AUDIT = Right("oversight.read_audit", ("coordinator", "auditor"))
READ_HEALTH = Right("oversight.read_health", ("coordinator", "auditor"))
MAKE_BACKUP = Right("oversight.make_backup", ("coordinator",))
# Over a running community: one asks, another one confirms. A new one has an approver for that.
ASK_RESTORE = Right("oversight.ask_restore", ("coordinator",))
CONFIRM_RESTORE = Right("oversight.confirm_restore", ("coordinator", "approver"))
