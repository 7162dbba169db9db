"""Columns that say who somebody is, and whom they mean."""

from collections.abc import Iterator, Sequence

from timebank.deeds.deed import Deed
from timebank.imports.readers import id_no, name, phone
from timebank.imports.shapes import CellFault, SheetColumn, SheetRow
from timebank.people.queries.naming import Described, described_people
from timebank.sheets.cells import day

SOMEBODY = (
    SheetColumn(name="name", zh="姓名", en="Name", others=("名字",), read=name, is_needed=True,
                examples=("陈甲一", "林丙三")),
    SheetColumn(name="id_no", zh="身份证号", en="ID number", others=("身份证号码", "身份证"),
                read=id_no, is_private=True, examples=("990106195001010012", "")),
    SheetColumn(name="birth_on", zh="出生日期", en="Birth date", others=("生日",), read=day,
                examples=("", "1968-06-12")),
    SheetColumn(name="phone", zh="电话", en="Phone", others=("手机", "手机号"), read=phone,
                is_private=True, examples=("", "10012340013")),
)  # fmt: skip


def people_meant(deed: Deed, rows: Sequence[SheetRow]) -> dict[int, int]:
    """Whom each row means, by the number of the row; rows that mean nobody or many are out."""
    found = described_people(deed.session, deed.community_id, [_described(row) for row in rows])
    return {
        row.number: next(iter(ids)) for row, ids in zip(rows, found, strict=True) if len(ids) == 1
    }


def somebody_faults(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find rows that mean nobody, several people, or somebody of a row before."""
    found = described_people(deed.session, deed.community_id, [_described(row) for row in rows])
    seen: dict[int, int] = {}
    for row, ids in zip(rows, found, strict=True):
        if len(ids) != 1:
            yield row.fault("name", "nobody" if not ids else "many_people")
            continue
        person_id = next(iter(ids))
        if person_id in seen:
            yield row.fault("name", "row_twice", str(seen[person_id]))
        seen.setdefault(person_id, row.number)


def _described(row: SheetRow) -> Described:
    return Described(
        name=row.values["name"], id_no=row.get("id_no", ""), birth_on=row.get("birth_on"),
        phone=row.get("phone", ""),
    )  # fmt: skip
