"""Who may pair and stop kiosks, and settle what they could not post."""

from timebank.rights import Right

MANAGE_DEVICES = Right("kiosks.manage_devices", ("coordinator",))
# The second person: a new community has one coordinator and one approver.
CONFIRM_PAIRING = Right("kiosks.confirm_pairing", ("coordinator", "approver"))
SETTLE_REVIEW = Right("kiosks.settle_review", ("keeper", "coordinator"))
ANSWER_CALL = Right("kiosks.answer_call", ("keeper", "coordinator"))
READ_DEVICES = Right("kiosks.read_devices", ("coordinator", "keeper", "auditor"))
