"""The columns in which each subject tells what waits for a member of staff.

Here is only their shape, so that the desk can lay the subjects' answers under each other in
one statement. What waits, and for whom, is each subject's own affair.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    select,
    type_coerce,
)

from timebank.db.columns import Instant

# The instant of the reader, told when the statement runs: so the statement itself can be kept.
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
    """Select one kind of case: what it is, since when it waits, and until when it can.

    **Shape**: kind, id, since_at, until_at, person_id, what_zh, what_en, number, count; what a
    kind has not is null, and ``until_at`` is then ``since_at``.
    """
    nothing = cast(null(), String)
    what_zh, what_en = names or (nothing, nothing)
    return select(
        literal(kind).label("kind"),
        id_.label("id"),
        type_coerce(since, Instant).label("since_at"),
        type_coerce(since if until is None else until, Instant).label("until_at"),
        (cast(null(), BigInteger) if person_id is None else person_id).label("person_id"),
        what_zh.label("what_zh"),
        what_en.label("what_en"),
        (nothing if number is None else cast(number, String)).label("number"),
        count.label("count"),
    )
