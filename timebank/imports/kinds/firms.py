"""Firms, groups and offices that give something."""

from collections.abc import Iterator, Sequence

from timebank.deeds.deed import Deed
from timebank.imports.refusals import SheetBuiltOn
from timebank.imports.shapes import (
    Booked,
    CellFault,
    Made,
    Progress,
    SheetColumn,
    SheetKind,
    SheetRow,
)
from timebank.people.actions import NewOrganisation, add_organisations
from timebank.people.actions.taking_back import remove_organisations
from timebank.people.queries import organisations
from timebank.people.rules.records import CONTACTS_MAX
from timebank.sheets.cells import choice, text

_KINDS = (("firm", "企业", "firm"), ("group", "团体", "group"), ("office", "机关单位", "office"))
COLUMNS = (
    SheetColumn(name="name", zh="名称", en="Name",
                others=("单位名称", "企业名称", "公司名称", "firm"),
                read=text(80), is_needed=True, examples=("幸福超市", "晚晴合唱队")),
    SheetColumn(name="kind", zh="类别", en="Kind", others=("类型",), read=choice(_KINDS),
                choices=_KINDS, examples=("企业", "团体")),
    SheetColumn(name="trade", zh="行业", en="Trade", read=text(40), examples=("超市", "文体")),
    SheetColumn(name="contacts", zh="联系人和电话", en="Contact", others=("联系人", "联系方式"),
                read=text(CONTACTS_MAX), is_private=True, examples=("王经理 10012340021", "")),
)  # fmt: skip


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find names that are registered, or stand in the sheet twice."""
    known = {one.name for one in organisations(deed.session, deed.community_id)}
    for row in rows:
        if row.values["name"] in known:
            yield row.fault("name", "name_known")
        known.add(row.values["name"])


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many there are."""
    return {"firms": len(rows)}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Register each of them."""
    new = tuple(NewOrganisation(**row.values) for row in rows)
    ids = add_organisations(deed, organisations=new).organisation_ids
    made = tuple(Made("firm", firm_id, row.number) for firm_id, row in zip(ids, rows, strict=True))
    return Booked(made, count(rows))


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Remove them, if none has given anything since."""
    found = remove_organisations(deed, organisation_ids=[one.id for one in made])
    if found is not None:
        raise SheetBuiltOn(what=found)


FIRMS = SheetKind(name="firms", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
