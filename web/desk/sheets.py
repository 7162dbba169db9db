"""What waits for the reader, as a file."""

from collections.abc import Iterator
from itertools import count

from sqlalchemy.orm import Session

from timebank.desk import may
from timebank.desk.queries import worklist
from timebank.subjects import work_kinds
from timebank.values import By
from web import units
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row
from web.subjects import gathered


def _worklist(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    """Every page of the list; names are masked, as on the page."""
    kinds = work_kinds()
    known = {kind.name for kind in kinds}
    kind = asked.get("kind") if asked.get("kind") in known else None
    for page in count(1):
        part = worklist(session, by, kinds, now=units.now(), kind=kind, page=page)
        for one in part.rows:
            face = gathered().faces[one.kind]
            words = str(face.word), str(face.title_of(one)), face.who(one), face.detail_of(one)
            yield *words, one.household_no, one.since_at, one.until_on
        if not part.is_more:
            return


WORKLIST = ListSheet(
    name="worklist", title=_l("待办"), page="work.worklist", right=may.OPEN_WORKLIST,
    headings=(
        _l("种类"), _l("什么事"), _l("谁的"), _l("内容"), _l("户号"), _l("什么时候来的"),
        _l("期限"),
    ),
    rows=_worklist, kept=("kind",),
)  # fmt: skip
