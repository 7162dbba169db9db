"""Two records of one person: what becomes of a question about them, and until when. Pure."""

from datetime import datetime, timedelta

# Answers to "is this one person?"; an answered question is not asked again.
ONE_PERSON, TWO_PEOPLE = "one_person", "two_people"
MERGE_ANSWERS = (ONE_PERSON, TWO_PEOPLE)
# For so long a merge can be taken back. **Source**: our own default.
UNDO_DAYS = 30


def undo_ends_at(merged_at: datetime) -> datetime:
    """Until when a merge can be taken back."""
    return merged_at + timedelta(days=UNDO_DAYS)
