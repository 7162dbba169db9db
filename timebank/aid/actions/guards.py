"""What keeps one person from opening the aid shelf alone."""

from datetime import timedelta

from timebank.aid.refusals import EnteredPaperToday
from timebank.deeds.deed import Deed
from timebank.people.queries import paper_entered_today, require_no_part_today
from timebank.values import local_day


def require_not_enterer(deed: Deed, household_id: int) -> None:
    """Check that the actor has not entered a paper of this household today.

    Otherwise one person could invent the paper, claim by it and take the goods home. The rows of
    the papers say who entered them, so signing in again or in another way changes nothing.

    **Refuses**: ``EnteredPaperToday``; ``PinResetToday``; ``CardIssuedToday``.
    """
    require_no_part_today(deed.session, deed.by, [household_id], deed.now)
    entered_at = paper_entered_today(deed.session, deed.by, household_id, deed.now)
    if entered_at is not None:
        free_on = local_day(deed.now) + timedelta(days=1)
        raise EnteredPaperToday(entered_at=entered_at.isoformat(), free_on=free_on.isoformat())
