"""The sheets that were brought in, as a file."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.imports import may
from timebank.imports.queries import batches
from timebank.values import By
from web import units
from web.imports.words import KIND_WORDS, STATES
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row


def _batches(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for one in batches(session, by.community_id, now=units.now()):
        state = STATES["import_batch", one.state]
        who = one.by["staged"], one.by.get("booked")
        yield str(KIND_WORDS[one.kind][0]), one.at["staged"], *who, one.row_count, str(state)


IMPORTS = ListSheet(
    name="imports", title=_l("传过的表"), page="work.import", right=may.READ, rows=_batches,
    headings=(
        _l("种类"), _l("上传时间"), _l("谁上传"), _l("谁签字"), _l("有几行"), _l("状况")
    ),
)  # fmt: skip
