"""What a notice may be. Pure."""

from datetime import date, timedelta

from timebank.errors import BadInput

TITLE_MAX, TEXT_MAX = 40, 400
DAYS_MAX = 366  # A notice is no page: what holds for longer belongs to one.


def check_notice(texts: dict[str, str], *, from_on: date, until_on: date, today: date) -> None:
    """Check the texts by name, and the period.

    **Refuses**: ``BadInput`` for an empty Chinese text, half of an English one, a text that is too
    long, and a period that is over, turned round, or longer than a year.
    """
    for name, most in (("title_zh", TITLE_MAX), ("text_zh", TEXT_MAX)):
        if not texts[name]:
            raise BadInput(field=name, why="needed")
        english = name.replace("_zh", "_en")
        if max(len(texts[name]), len(texts[english]) // 2) > most:  # English is twice as long.
            raise BadInput(field=name if len(texts[name]) > most else english, why="too_long")
    if bool(texts["title_en"]) != bool(texts["text_en"]):
        raise BadInput(field="text_en" if texts["title_en"] else "title_en", why="needed")
    if until_on < from_on:
        raise BadInput(field="until_on", why="before_start")
    if until_on < today:
        raise BadInput(field="until_on", why="past")
    if until_on - max(from_on, today) > timedelta(days=DAYS_MAX) or from_on < today:
        raise BadInput(field="from_on" if from_on < today else "until_on", why="range")
