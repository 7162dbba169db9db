"""The columns in which each subject lists what waits for a member of staff.

Only their shape is here, so that the desk can join the subjects' rows in one statement. What
waits, and for whom, is decided by each subject.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    bindparam,
    cast,
    null,
    select,
    type_coerce,
)

from timebank.db.columns import Instant
from timebank.db.states import written

# The current instant, bound when the statement runs, so that the statement can be cached.
NOW = bindparam("now", type_=Instant)


def waiting_row(
    kind: str,
    id_: Any,
    *,
    since: Any,
    until: Any = None,
    person_id: Any = None,
    names: tuple[Any, Any] | None = None,
    number: Any = None,
    count: Any,
) -> Select[Any]:
    """Select the rows of one kind of work: what waits, since when, and until when.

    **Shape**: kind, id, since_at, until_at, person_id, what_zh, what_en, number, quantity. Columns
    that a kind does not use are NULL; ``until_at`` is then ``since_at``.
    """
    nothing = cast(null(), String)
    what_zh, what_en = names or (nothing, nothing)
    return select(
        written(kind).label("kind"),
        id_.label("id"),
        type_coerce(since, Instant).label("since_at"),
        type_coerce(since if until is None else until, Instant).label("until_at"),
        (cast(null(), BigInteger) if person_id is None else person_id).label("person_id"),
        what_zh.label("what_zh"),
        what_en.label("what_en"),
        (nothing if number is None else cast(number, String)).label("number"),
        count.label("quantity"),
    )
