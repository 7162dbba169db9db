"""Sheets on the worklist of the second person: to be booked, or to be taken back."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.imports.queries import batch_named
from timebank.values import By
from web.cases import WorkCase, WorkFace, event
from web.imports.showing import totals_shown
from web.imports.words import KIND_WORDS
from web.reader import gettext as _
from web.reader import lazy_gettext as _l


def _detail(one: Waiting) -> str:
    return str(KIND_WORDS[one.number or ""][0])


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    batch = batch_named(session, by.community_id, waiting.id, now=now)
    word = str(KIND_WORDS[batch.kind][0])
    case = WorkCase(one=waiting, heading=_("导入：%(kind)s", kind=word))
    case.line = _("%(count)s 行", count=batch.row_count)
    case.sections = [(_("带来什么"), totals_shown(batch))]
    if batch.undo_reason:
        case.sections.append((_("为什么要退回"), [("", batch.undo_reason)]))
    case.timeline = [event(batch.at["staged"], _("上传"), batch.by["staged"])]
    return case


SHEET = WorkFace(
    kind="import", word=_l("签一张表"), read=_read, detail=_detail,
    template="imports/act_import.html",
)  # fmt: skip
SHEET_UNDO = WorkFace(
    kind="import_undo", word=_l("退回一批"), read=_read, detail=_detail,
    template="imports/act_import.html",
)  # fmt: skip
