"""The refusals of the close of a day."""

from timebank.errors import TimebankError


class CountOutdated(TimebankError):
    """The books have changed since the count: ``was`` then, ``is_now`` now.

    For a till: ``is_now_fen`` now, after ``paid_fen`` were paid out or ``taken_fen`` taken in.
    """

    code = "COUNT_OUTDATED"


class PromisedPiecesMissing(TimebankError):
    """Missing pieces are reserved for somebody; ``claims`` lists for whom."""

    code = "PROMISED_PIECES_MISSING"
