"""What rules may refuse."""

from timebank.errors import TimebankError


class RuleOverlap(TimebankError):
    """Another version of the programme, ``version_no``, is in force on those days."""

    code = "RULE_OVERLAP"


class RehearsalFailed(TimebankError):
    """The rule gives another answer to a golden case: ``case``, ``wanted`` and ``got``."""

    code = "REHEARSAL_FAILED"
