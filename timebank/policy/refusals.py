"""The refusals of rule changes, and the negative answers of a rule."""

from timebank.errors import TimebankError


class RuleOverlap(TimebankError):
    """Another version of the programme, ``version_no``, is in force on those days."""

    code = "RULE_OVERLAP"


class RehearsalFailed(TimebankError):
    """The rule gives another answer to a golden case: ``case``, ``wanted`` and ``got``."""

    code = "REHEARSAL_FAILED"


class NotEligible(TimebankError):
    code = "NOT_ELIGIBLE"


class ProofExpired(TimebankError):
    code = "PROOF_EXPIRED"


class HouseholdCap(TimebankError):
    """The quota of the window is used up; ``next_on`` is the day on which pieces become free."""

    code = "HOUSEHOLD_CAP"


class NeedsInformation(TimebankError):
    """``missing`` lists the papers to bring."""

    code = "NEEDS_INFORMATION"


class NeedsReview(TimebankError):
    code = "NEEDS_REVIEW"
