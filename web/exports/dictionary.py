"""The data dictionary as a page and as a sheet: each table and field, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import render_template, request
from sqlalchemy.orm import Session

from timebank.dictionary import BYTES, DAY, INSTANT, TEXT, WHOLE, YES_NO, Field, dictionary
from timebank.exports import may
from timebank.subjects import subjects
from timebank.values import By
from web.auth import needs
from web.listing import page_of
from web.pages import WORK, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row
from web.subjects import gathered
from web.wording import Names

KINDS: Names = {
    WHOLE: _l("整数"),
    TEXT: _l("文字"),
    DAY: _l("日子"),
    INSTANT: _l("时刻（从 1970 年起的微秒）"),
    YES_NO: _l("是或否"),
    BYTES: _l("字节"),
}
# Parts of the program that have no rights, and so no word of their own.
PARTS: Names = {
    "vault": _l("资料上锁"),
    "deeds": _l("社区和办过的事"),
    "ledger": _l("账本"),
    "founding": _l("建立社区"),
}
FIRST = "people"
TABLES_A_PAGE = 12


@dataclass(frozen=True, slots=True)
class TableShown:
    """A table with its fields."""

    table: Field
    fields: tuple[Field, ...]


@page(WORK, "/dictionary", "dictionary", under="work.sheets")
@needs(may.OPEN)
def dictionary_page() -> str:
    """Show the tables of one part of the program, some at a time; ``part`` chooses it."""
    parts = {one.name: _part_word(one.name) for one in subjects() if one.tables}
    part = request.args.get("part", "")
    chosen = part if part in parts else FIRST
    return render_template(
        "exports/work_dictionary.html", parts=list(parts.items()), chosen=chosen,
        listed=page_of(list(_tables(chosen)), TABLES_A_PAGE, request.args),
        kind_word=kind_word, count=sum(1 for field in dictionary() if field.column),
    )  # fmt: skip


def _part_word(name: str) -> str:
    """The word of a part of the program: that of its rights, or its name."""
    return str(PARTS.get(name) or gathered().rights.get(name, name))


def _tables(part: str) -> Iterator[TableShown]:
    own = (field for field in dictionary() if field.subject == part)
    for _name, some in groupby(own, lambda field: field.table):
        table, *fields = some
        yield TableShown(table, tuple(fields))


def kind_word(field: Field) -> str:
    """What a field holds, in the reader's language."""
    word = str(KINDS.get(field.kind, ""))
    if field.kind == TEXT and field.length:
        word = _("%(word)s，最多 %(most)s 个字", word=word, most=field.length)
    return _("%(word)s（上锁）", word=word) if field.is_sealed else word


def _fields(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    part = asked.get("part")
    for field in dictionary():
        if part in (None, field.subject):
            needed = _("必有") if field.is_needed else ""
            place = field.subject, field.table, field.column
            yield *place, field.zh, field.en, kind_word(field), needed


DICTIONARY = ListSheet(
    name="dictionary", title=_l("数据字典"), page="work.dictionary", right=may.OPEN, rows=_fields,
    headings=(
        _l("部分"), _l("表"), _l("字段"), _l("中文"), _l("英文"), _l("存什么"), _l("必有")
    ),
    kept=("part",),
)  # fmt: skip
