"""What a donor announced a moment ago: whoever sends it again is asked whether they mean it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from timebank.db import written
from timebank.goods.rules import ANNOUNCED, AnnouncedLine
from timebank.goods.tables import announced_line, deposit
from timebank.people.queries.merged import records_of

_SAME = ("item_id", "described", "pieces", "condition", "best_before_on")
_LINES = (
    select(deposit.c.id, deposit.c.announced_at, *(announced_line.c[name] for name in _SAME))
    .join(
        announced_line,
        and_(
            announced_line.c.community_id == deposit.c.community_id,
            announced_line.c.deposit_id == deposit.c.id,
        ),
    )
    .where(
        deposit.c.community_id == bindparam("of_community"),
        deposit.c.donor_person_id.in_(records_of(bindparam("of_community"), bindparam("of_donor"))),
        deposit.c.store_id == bindparam("of_store"),
        deposit.c.announced_at >= bindparam("since"),
        deposit.c.state == written(ANNOUNCED),
    )
    .order_by(deposit.c.id.desc(), announced_line.c.line)
)


@dataclass(frozen=True, slots=True)
class SameAnnounced:
    """An open announcement of exactly the same."""

    id: int
    announced_at: datetime


def same_announced_since(
    session: Session,
    community_id: int,
    person_id: int,
    lines: Sequence[AnnouncedLine],
    *,
    store_id: int,
    since: datetime,
) -> SameAnnounced | None:
    """The newest open announcement of a donor for a store with the same lines, in any order."""
    asked = {
        "of_community": community_id, "of_donor": person_id, "of_store": store_id, "since": since,
    }  # fmt: skip
    announced: dict[SameAnnounced, Counter[tuple[Any, ...]]] = {}
    for row in session.execute(_LINES, asked):
        same = SameAnnounced(row.id, row.announced_at)
        announced.setdefault(same, Counter())[tuple(row[2:])] += 1
    wanted = Counter(
        (line.item_id, line.described.strip()[:80], line.pieces, line.condition,
         line.best_before_on)
        for line in lines
    )  # fmt: skip
    return next((same for same, lines_of in announced.items() if lines_of == wanted), None)
