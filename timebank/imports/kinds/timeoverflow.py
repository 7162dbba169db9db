"""Members and transfers as the time bank software TimeOverflow writes them: without a heading.

A member keeps the number that they had there, so that the transfers find them. The transfers
become the hours that each member brings along: what they got, less what they gave.
"""

from collections.abc import Iterator, Mapping, Sequence

from timebank.deeds.deed import Deed
from timebank.errors import TimebankError
from timebank.hours.actions.opening import (
    PEOPLE_AT_ONCE,
    OpeningHours,
    already_opened,
    open_balances,
    take_balances_back,
)
from timebank.imports.queries import by_outside_no
from timebank.imports.readers import name as person_name
from timebank.imports.readers import phone
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
from timebank.ledger.queries import has_accounts
from timebank.people.actions import NewPerson, enrol_people
from timebank.people.actions.rehearsing import person_faults
from timebank.people.actions.taking_back import remove_enrolled
from timebank.people.queries import briefs, kin_now
from timebank.people.rules.records import CONTACTS_MAX
from timebank.sheets.cells import (
    CellUnread,
    choice,
    day,
    day_of_instant,
    number_text,
    text,
    whole_minutes,
)

MEMBER, ORGANISATION = "member", "organization"
NUMBER_MAX = 40
# The codes of its file count from 1. The last two say nothing that is kept here.
_GENDERS = (("f", "1", "female"), ("m", "2", "male"), ("", "3", "others"), ("", "4", "unknown"))
_SIDES = ((MEMBER, "会员", "Member"), (ORGANISATION, "组织", "Organization"))

MEMBER_COLUMNS = (
    SheetColumn(name="number", zh="会员号", en="Member number", read=number_text(NUMBER_MAX),
                examples=("1", "2")),
    SheetColumn(name="joined_on", zh="加入日期", en="Joined on", read=day,
                examples=("2019-02-11", "2020-11-30")),
    SheetColumn(name="first_name", zh="名", en="First name", read=text(40), is_needed=True,
                examples=("陈", "Ana")),
    SheetColumn(name="surname", zh="姓", en="Surname", read=text(40), examples=("甲一", "Ruiz")),
    SheetColumn(name="surname_2", zh="第二个姓", en="Second surname", read=text(40),
                examples=("", "Soler")),
    SheetColumn(name="sex", zh="性别代码", en="Gender code", read=choice(_GENDERS),
                examples=("2", "1")),
    SheetColumn(name="birth_on", zh="出生日期", en="Birth date", read=day,
                examples=("1958-04-03", "1949-12-31")),
    SheetColumn(name="phone", zh="电话", en="Phone", read=phone, is_private=True,
                examples=("10012340011", "+34622000001")),
    SheetColumn(name="phone_2", zh="另一个电话", en="Second phone", read=phone, is_private=True,
                examples=("", "")),
    SheetColumn(name="mail", zh="邮箱", en="E-mail", read=text(120), is_private=True,
                examples=("jia1@example.invalid", "ana@example.invalid")),
)  # fmt: skip


def _full_name(row: SheetRow) -> str:
    parts = (row.get(part, "") for part in ("first_name", "surname", "surname_2"))
    return person_name(" ".join(part for part in parts if part))


def _member(row: SheetRow) -> NewPerson:
    more = (row.get("phone_2", ""), row.get("mail", ""))
    return NewPerson(
        name=_full_name(row), birth_on=row.get("birth_on"), sex=row.get("sex") or None,
        phone=row.get("phone", ""), contacts=" ".join(part for part in more if part),
    )  # fmt: skip


def check_members(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find names that cannot be kept, numbers that stand twice, people who may be known already."""
    numbers = {row.values["number"] for row in rows if "number" in row.values}
    known = by_outside_no(deed.session, deed.community_id, MEMBER, numbers)
    sound: list[SheetRow] = []
    seen: set[str] = set()
    for row in rows:
        number = row.get("number", "")
        if number in known or (number and number in seen):
            yield row.fault("number", "number_known")
        seen.add(number)
        try:
            if len(_member(row).contacts) > CONTACTS_MAX:
                yield row.fault("mail", "too_long", str(CONTACTS_MAX))
            sound.append(row)
        except CellUnread as fault:
            yield row.fault("first_name", fault.expected)
    people = [_member(row) for row in sound]
    for found in person_faults(deed, people, homes=[None] * len(people)):
        field = "first_name" if found.field == "name" else found.field
        yield sound[found.at].fault(field, found.why)


def count_members(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many there are."""
    return {"people": len(rows)}


def book_members(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Enrol each as somebody who lives elsewhere; a household is found at the counter."""
    ids = enrol_people(deed, people=tuple(_member(row) for row in rows)).person_ids
    made = tuple(
        Made(MEMBER, person_id, row.number, row.get("number", ""))
        for person_id, row in zip(ids, rows, strict=True)
    )
    return Booked(made, count_members(rows))


def undo_members(deed: Deed, made: Sequence[Made]) -> None:
    """Remove them, if nothing was recorded about them since."""
    ids = [one.id for one in made]
    if has_accounts(deed.session, deed.community_id, ids):
        raise SheetBuiltOn(what="account")
    found = remove_enrolled(deed, household_ids=[], person_ids=ids)
    if found is not None:
        raise SheetBuiltOn(what=found)


TRANSFER_COLUMNS = (
    SheetColumn(name="from_no", zh="谁给的（会员号）", en="From member",
                read=number_text(NUMBER_MAX), examples=("1", "2")),
    SheetColumn(name="from_kind", zh="给的一方", en="From kind", read=choice(_SIDES),
                is_needed=True, choices=_SIDES, examples=("会员", "会员")),
    SheetColumn(name="to_no", zh="给谁（会员号）", en="To member", read=number_text(NUMBER_MAX),
                examples=("2", "")),
    SheetColumn(name="to_kind", zh="收的一方", en="To kind", read=choice(_SIDES),
                is_needed=True, choices=_SIDES, examples=("会员", "组织")),
    SheetColumn(name="minutes", zh="秒数", en="Seconds", read=whole_minutes, is_needed=True,
                examples=("5400", "1800")),
    SheetColumn(name="happened_on", zh="日期", en="Date", read=day_of_instant, is_needed=True,
                examples=("2021-03-01 20:15:00 +0800", "2021-03-02")),
    SheetColumn(name="reason", zh="原因", en="Reason", read=text(400), examples=("理发", "会费")),
    SheetColumn(name="post", zh="告示号", en="Post", read=text(40), examples=("", "")),
)  # fmt: skip
_ENDS = (("from_no", "from_kind"), ("to_no", "to_kind"))


def _members_known(deed: Deed, rows: Sequence[SheetRow]) -> Mapping[str, list[int]]:
    numbers = {row.values[no] for row in rows for no, _kind in _ENDS if no in row.values}
    return by_outside_no(deed.session, deed.community_id, MEMBER, numbers)


def check_transfers(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find unknown members, transfers to oneself, and members who would owe hours."""
    known = _members_known(deed, rows)
    sound = []
    for row in rows:
        faults = list(_end_faults(row, known))
        yield from faults
        if not faults:
            sound.append(row)
    nets, _served, last = _sums(sound)
    ids = {number: known[number][0] for number in nets}
    opened = already_opened(deed, set(ids.values()))
    people = briefs(deed.session, deed.community_id, set(ids.values())) if ids else {}
    kin = kin_now(deed.session, deed.by)
    for number, minutes in nets.items():
        if minutes < 0:
            yield last[number].fault("minutes", "would_owe", number)
        if ids[number] in opened:
            yield last[number].fault("from_no", "hours_known")
        if kin.why_person(ids[number], people):
            yield last[number].fault("from_no", "own_hours")


def _end_faults(row: SheetRow, known: Mapping[str, list[int]]) -> Iterator[CellFault]:
    for no, kind in _ENDS:
        number = row.get(no, "")
        if row.values[kind] == MEMBER and not number:
            yield row.fault(no, "needed")
        elif row.values[kind] == MEMBER and len(known.get(number, ())) != 1:
            yield row.fault(no, "member")
    one, other = ((row.values[kind], row.get(no, "")) for no, kind in _ENDS)
    if one == other or one[0] == other[0] == ORGANISATION:
        yield row.fault("to_no", "to_oneself")


def _sums(
    rows: Sequence[SheetRow],
) -> tuple[dict[str, int], dict[str, int], dict[str, SheetRow]]:
    """Of each member: what is left, what they got in all, and the last row about them."""
    nets: dict[str, int] = {}
    served: dict[str, int] = {}
    last: dict[str, SheetRow] = {}
    for row in rows:
        for (no, kind), sign in zip(_ENDS, (-1, 1), strict=True):
            if row.values[kind] != MEMBER:
                continue
            number, minutes = row.values[no], row.values["minutes"]
            nets[number] = nets.get(number, 0) + sign * minutes
            served[number] = served.get(number, 0) + max(sign * minutes, 0)
            last[number] = row
    return nets, served, last


def count_transfers(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many transfers, what they moved, and what the members have left in all."""
    nets, _served, _last = _sums(rows)
    return {
        "transfers": len(rows),
        "moved_minutes": sum(row.values["minutes"] for row in rows),
        "minutes": sum(nets.values()),
    }


def book_transfers(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Post what each member has left, and what they have served, as hours brought along."""
    known = _members_known(deed, rows)
    nets, served, _last = _sums(rows)
    hours = [
        OpeningHours(known[number][0], minutes, served[number])
        for number, minutes in nets.items()
        if minutes or served[number]
    ]
    made: list[Made] = []
    for start in range(0, len(hours), PEOPLE_AT_ONCE):
        txn_id = open_balances(deed, hours=hours[start : start + PEOPLE_AT_ONCE], key=str(start))
        made.append(Made("txn", txn_id, rows[0].number))
    progress(len(rows))
    posted = sum(one.minutes for one in hours)
    return Booked(tuple(made), {**count_transfers(rows), "opening_minutes": posted})


def undo_transfers(deed: Deed, made: Sequence[Made]) -> None:
    """Reverse the postings, if nobody has spent any of it."""
    try:
        take_balances_back(deed, txn_ids=[one.id for one in made])
    except TimebankError as refusal:
        raise SheetBuiltOn(what="balance") from refusal


TO_MEMBERS = SheetKind(
    name="to_members", columns=MEMBER_COLUMNS, check=check_members, count=count_members,
    book=book_members, undo=undo_members, has_heading=False,
)  # fmt: skip
TO_TRANSFERS = SheetKind(
    name="to_transfers", columns=TRANSFER_COLUMNS, check=check_transfers, count=count_transfers,
    book=book_transfers, undo=undo_transfers, has_heading=False,
)  # fmt: skip
