"""The actions of policy: date parameters, move rules through their states, decide."""

from timebank.policy.actions.decisions import record_decision, record_decisions
from timebank.policy.actions.parameters import ParameterSet, set_parameter
from timebank.policy.actions.presets import PresetLoaded, load_preset
from timebank.policy.actions.versions import (
    RuleMoved,
    RulesTurned,
    approve_rule,
    draft_rule,
    redraft_rule,
    rehearse_rule,
    retire_rule,
    schedule_rule,
    turn_rules,
)

__all__ = [
    "ParameterSet",
    "PresetLoaded",
    "RuleMoved",
    "RulesTurned",
    "approve_rule",
    "draft_rule",
    "load_preset",
    "record_decision",
    "record_decisions",
    "redraft_rule",
    "rehearse_rule",
    "retire_rule",
    "schedule_rule",
    "set_parameter",
    "turn_rules",
]
