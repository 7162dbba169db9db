"""Who may read the audit trail."""

from timebank.rights import Right

READ_AUDIT = Right("oversight.read_audit", ("coordinator", "auditor"))
