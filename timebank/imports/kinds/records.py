"""Service records of an earlier list: they wait for their confirmations like any other."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.goods.entries import name_key
from timebank.hours.actions import NewRecord, enter_records, refuse_record
from timebank.hours.queries import services
from timebank.hours.rules import BATCH_MAX
from timebank.imports.kinds.somebody import SOMEBODY, people_meant
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
from timebank.people.queries.naming import Described, described_people
from timebank.sheets.cells import clock, day, text
from timebank.values import local_instant

REASON = "从表格导入 · imported from a sheet"
COLUMNS = (
    *SOMEBODY,
    SheetColumn(name="service", zh="服务", en="Service", others=("服务种类", "项目"), read=text(60),
                is_needed=True, examples=("陪伴", "理发")),
    SheetColumn(name="served_on", zh="哪一天", en="Day", others=("日期", "服务日期"), read=day,
                is_needed=True, examples=("2026-05-03", "2026-05-04")),
    SheetColumn(name="begins", zh="从几点", en="From", others=("开始", "开始时间"), read=clock,
                is_needed=True, examples=("09:00", "14:00")),
    SheetColumn(name="ends", zh="到几点", en="To", others=("结束", "结束时间"), read=clock,
                is_needed=True, examples=("10:30", "15:00")),
    SheetColumn(name="recipient", zh="服务谁", en="For whom", others=("服务对象", "受助人"),
                read=text(40), examples=("林丙三", "")),
    SheetColumn(name="place", zh="地点", en="Place", read=text(80), examples=("2号楼", "活动室")),
)  # fmt: skip


def _services_by_word(deed: Deed) -> dict[str, int]:
    return {
        name_key(word): one.id
        for one in services(deed.session, deed.community_id)
        for word in (one.code, one.name_zh, one.name_en)
    }


def _recipients(deed: Deed, rows: Sequence[SheetRow]) -> dict[int, set[int]]:
    """Who fits the name of the person served, by the number of the row."""
    named = [row for row in rows if row.get("recipient")]
    wanted = [Described(name=row.values["recipient"]) for row in named]
    found = described_people(deed.session, deed.community_id, wanted)
    return {row.number: ids for row, ids in zip(named, found, strict=True)}


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find unknown people and services, then try each row against the rules of a record."""
    known, meant, served = (
        _services_by_word(deed),
        people_meant(deed, rows),
        _recipients(deed, rows),
    )
    sound = []
    for row in rows:
        faults = []
        if row.number not in meant:
            faults.append(row.fault("name", "one_person"))
        if name_key(row.values["service"]) not in known:
            faults.append(row.fault("service", "service"))
        if len(served.get(row.number, {0})) != 1:
            faults.append(row.fault("recipient", "one_person"))
        yield from faults
        if not faults:
            sound.append(row)
    yield from _refused(deed, sound, known, meant=meant)


def _refused(
    deed: Deed, rows: Sequence[SheetRow], known: Mapping[str, int], *, meant: Mapping[int, int]
) -> Iterator[CellFault]:
    """Enter each row for a moment, after those before it, to hear what the rules say."""
    served = _recipients(deed, rows)
    outer = deed.session.begin_nested()
    faults = []
    for row in rows:
        inner = deed.session.begin_nested()
        try:
            enter_records(deed, records=(_record(row, known, meant=meant, served=served),))
            inner.commit()
        except TimebankError as refusal:
            inner.rollback()
            faults.append(row.fault("served_on", "refused", refusal.code))
    outer.rollback()
    yield from faults


def _record(
    row: SheetRow,
    known: Mapping[str, int],
    *,
    meant: Mapping[int, int],
    served: Mapping[int, set[int]],
) -> NewRecord:
    midnight = local_instant(row.values["served_on"])
    recipient = served.get(row.number)
    return NewRecord(
        person_id=meant[row.number], service_id=known[name_key(row.values["service"])],
        started_at=midnight + timedelta(minutes=row.values["begins"]),
        ended_at=midnight + timedelta(minutes=row.values["ends"]),
        recipient_person_id=next(iter(recipient)) if recipient else None,
        place=row.get("place", ""), late_reason=REASON,
    )  # fmt: skip


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many records, and how long they took in all."""
    minutes = sum(row.values["ends"] - row.values["begins"] for row in rows)
    return {"records": len(rows), "minutes": minutes}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Enter the records; they count once both sides have confirmed them."""
    known, meant, served = (
        _services_by_word(deed),
        people_meant(deed, rows),
        _recipients(deed, rows),
    )
    made: list[Made] = []
    for start in range(0, len(rows), BATCH_MAX):
        part = rows[start : start + BATCH_MAX]
        records = tuple(_record(row, known, meant=meant, served=served) for row in part)
        ids = enter_records(deed, records=records).record_ids
        made += [Made("record", one, row.number) for one, row in zip(ids, part, strict=True)]
        progress(len(made))
    return Booked(tuple(made), count(rows))


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Refuse the records, if none was confirmed since."""
    try:
        for one in made:
            refuse_record(deed, record_id=one.id, reason=REASON)
    except TimebankError as refusal:
        raise SheetBuiltOn(what="confirmation") from refusal


RECORDS = SheetKind(name="records", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
