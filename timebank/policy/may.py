"""Who may write, approve and schedule rules, set parameters, and record decisions."""

from timebank.rights import Right

# For the founding, stories and jobs: people change a parameter by two, in ``settings``.
SET_PARAMETER = Right("policy.set_parameter", ("coordinator",))
LOAD_PRESET = Right("policy.load_preset", ("coordinator",))
DRAFT_RULE = Right("policy.draft_rule", ("coordinator",))
REDRAFT_RULE = Right("policy.redraft_rule", ("coordinator",))
REHEARSE_RULE = Right("policy.rehearse_rule", ("coordinator",))
# By another person than the author: the action sees to it.
APPROVE_RULE = Right("policy.approve_rule", ("coordinator", "approver"))
SCHEDULE_RULE = Right("policy.schedule_rule", ("coordinator",))
RETIRE_RULE = Right("policy.retire_rule", ("coordinator",))
TURN_RULES = Right("policy.turn_rules", ("coordinator",))
RECORD_DECISION = Right(
    "policy.record_decision",
    ("keeper", "grid_worker", "social_worker", "coordinator", "approver", "hotline"),
)
