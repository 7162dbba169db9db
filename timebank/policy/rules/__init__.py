"""The pure rules of policy: facts, parameters, the rule tree, and the answer to one case.

No clock, no database, no page. Names that other subjects use are exported here.
"""

from timebank.policy.rules.answer import Answer, AnswerKind, Reason, evaluate
from timebank.policy.rules.decided import (
    Decided,
    Decision,
    GoldenCase,
    RuleVersion,
    SubjectKind,
    decide,
    is_same_answer,
)
from timebank.policy.rules.facts import (
    DOCUMENTS,
    FACTS,
    PROGRAMMES,
    WHOLE_COMMUNITY,
    facts_from_json,
    facts_to_json,
    known_facts,
)
from timebank.policy.rules.judge import Outcome, Trace
from timebank.policy.rules.missing import Missing
from timebank.policy.rules.parameters import (
    PARAMETERS,
    MissingParameter,
    Parameter,
    Parameters,
    check_parameter,
)
from timebank.policy.rules.texts import node_words, papers_to_bring, reason_words
from timebank.policy.rules.tree import (
    ENGINE_VERSION,
    Rule,
    canonical,
    parse_draft,
    parse_rule,
    rule_hash,
)
from timebank.policy.rules.values import UNKNOWN, Entry, Facts, Known, Paper, Papers, Unknown

__all__ = [
    "DOCUMENTS",
    "ENGINE_VERSION",
    "FACTS",
    "PARAMETERS",
    "PROGRAMMES",
    "UNKNOWN",
    "WHOLE_COMMUNITY",
    "Answer",
    "AnswerKind",
    "Decided",
    "Decision",
    "Entry",
    "Facts",
    "GoldenCase",
    "Known",
    "Missing",
    "MissingParameter",
    "Outcome",
    "Paper",
    "Papers",
    "Parameter",
    "Parameters",
    "Reason",
    "Rule",
    "RuleVersion",
    "SubjectKind",
    "Trace",
    "Unknown",
    "canonical",
    "check_parameter",
    "decide",
    "evaluate",
    "facts_from_json",
    "facts_to_json",
    "is_same_answer",
    "known_facts",
    "node_words",
    "papers_to_bring",
    "parse_draft",
    "parse_rule",
    "reason_words",
    "rule_hash",
]
