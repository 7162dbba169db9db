"""Who may read the audit trail, and who looks after the community."""

from timebank.rights import Right

READ_AUDIT = Right("oversight.read_audit", ("coordinator", "auditor"))
READ_HEALTH = Right("oversight.read_health", ("coordinator", "auditor"))
