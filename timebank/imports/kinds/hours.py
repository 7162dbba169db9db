"""Hours that people bring along from an earlier time bank or passbook."""

from collections.abc import Iterator, Sequence

from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.hours.actions.opening import (
    PEOPLE_AT_ONCE,
    OpeningHours,
    already_opened,
    open_balances,
    take_balances_back,
)
from timebank.hours.queries import terms_on
from timebank.imports.kinds.somebody import SOMEBODY, people_meant, somebody_faults
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
from timebank.people.queries import briefs, kin_now
from timebank.sheets.cells import hours
from timebank.values import local_day

COLUMNS = (
    *SOMEBODY,
    SheetColumn(name="minutes", zh="存着的时间（小时）", en="Hours in hand",
                others=("时间", "小时", "余额", "存着的时间", "hours", "balance"), read=hours,
                is_needed=True, examples=("12.5", "3:30")),
    SheetColumn(name="served_minutes", zh="累计服务（小时）", en="Hours served in all",
                others=("累计", "累计服务", "累计时间", "served"), read=hours,
                examples=("120", "")),
)  # fmt: skip


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find people who are unknown, close to who acts, opened before, or over the cap."""
    yield from somebody_faults(deed, rows)
    meant = people_meant(deed, rows)
    ids = set(meant.values())
    opened, kin = already_opened(deed, ids), kin_now(deed.session, deed.by)
    people = briefs(deed.session, deed.community_id, ids) if ids else {}
    today = local_day(deed.now)
    cap = terms_on(deed.session, deed.community_id, [today])[today].balance_cap_minutes
    for row in rows:
        person_id = meant.get(row.number)
        if person_id in opened:
            yield row.fault("name", "hours_known")
        if person_id is not None and kin.why_person(person_id, people):
            yield row.fault("name", "own_hours")
        if row.values["minutes"] > cap:
            yield row.fault("minutes", "range", f"0–{cap // 60}")
        if not row.values["minutes"] and not row.get("served_minutes"):
            yield row.fault("minutes", "no_hours")


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many people, and the sums of the sheet."""
    return {
        "people": len(rows),
        "minutes": sum(row.values["minutes"] for row in rows),
        "served_minutes": sum(row.get("served_minutes", 0) for row in rows),
    }


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Post the hours from the account of what was there before into each passbook."""
    meant = people_meant(deed, rows)
    made, posted = [], 0
    for start in range(0, len(rows), PEOPLE_AT_ONCE):
        part = rows[start : start + PEOPLE_AT_ONCE]
        opened = [
            OpeningHours(meant[row.number], row.values["minutes"], row.get("served_minutes", 0))
            for row in part
        ]
        txn_id = open_balances(deed, hours=opened, key=str(start))
        posted += sum(one.minutes for one in opened)
        made.append(Made("txn", txn_id, part[0].number))
        progress(start + len(part))
    return Booked(tuple(made), {**count(rows), "opening_minutes": posted})


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Reverse the postings, if nobody has spent any of it."""
    try:
        take_balances_back(deed, txn_ids=[one.id for one in made])
    except TimebankError as refusal:
        raise SheetBuiltOn(what="balance") from refusal


HOURS = SheetKind(name="hours", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
