"""People and households: a row a person; those behind one door are one household."""

from collections.abc import Iterator, Mapping, Sequence

from timebank.deeds.deed import Deed
from timebank.imports.kinds.places import buildings_by_word
from timebank.imports.readers import id_no, name, phone
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
from timebank.people.actions import NewHousehold, NewPerson, enrol_households
from timebank.people.actions.enrolment import draw_household_no
from timebank.people.actions.rehearsing import person_faults
from timebank.people.actions.taking_back import remove_enrolled
from timebank.people.rules import read_household_no
from timebank.people.rules.records import CONTACTS_MAX, HEAD
from timebank.sheets.cells import CellUnread, choice, day, text, yes_no

_AT_ONCE = 250  # Households that are enrolled together.
_SEXES = (("f", "女", "female"), ("m", "男", "male"))
_RELATIONS = (
    (HEAD, "户主", "head"), ("spouse", "配偶", "spouse"), ("child", "子女", "child"),
    ("child_in_law", "儿媳或女婿", "child in law"), ("grandchild", "孙辈", "grandchild"),
    ("parent", "父母", "parent"), ("sibling", "兄弟姐妹", "sibling"), ("other", "其他", "other"),
)  # fmt: skip
_MORE_RELATIONS = (
    (HEAD, "本人", "self"), ("spouse", "妻子", "wife"), ("spouse", "丈夫", "husband"),
    ("spouse", "妻", ""), ("spouse", "夫", ""), ("child", "儿子", "son"),
    ("child", "女儿", "daughter"), ("child", "子", ""), ("child", "女", ""),
    ("child_in_law", "儿媳", ""), ("child_in_law", "女婿", ""), ("parent", "父亲", "father"),
    ("parent", "母亲", "mother"), ("grandchild", "孙子", "grandson"),
    ("grandchild", "孙女", "granddaughter"), ("grandchild", "外孙", ""),
    ("grandchild", "外孙女", ""),
)  # fmt: skip
_USUAL_RELATION, _ANY_RELATION = choice(_RELATIONS), choice((*_RELATIONS, *_MORE_RELATIONS))
_YES_NO = (("yes", "是", "yes"), ("no", "否", "no"))

Home = tuple[int, str]  # The building and the number of the flat.


def _relation(cell: str) -> str:
    """Which of the words is meant; the fault names the usual ones only."""
    try:
        return str(_ANY_RELATION(cell))
    except CellUnread:
        return str(_USUAL_RELATION(cell))


COLUMNS = (
    SheetColumn(name="building", zh="楼栋", en="Building", others=("楼号", "几号楼", "building no"),
                read=text(80), is_needed=True, examples=("1", "1", "2")),
    SheetColumn(name="door", zh="门牌", en="Door", others=("房号", "门牌号", "室", "room"),
                read=text(80), is_needed=True, examples=("101", "101", "302")),
    SheetColumn(name="name", zh="姓名", en="Name", others=("名字", "full name"),
                read=name, is_needed=True, examples=("陈甲一", "李乙二", "林丙三")),
    SheetColumn(name="relation", zh="和户主的关系", en="Relation to head",
                others=("与户主关系", "与户主的关系", "关系", "relation"), read=_relation,
                choices=_RELATIONS, examples=("户主", "配偶", "户主")),
    SheetColumn(name="id_no", zh="身份证号", en="ID number",
                others=("身份证号码", "公民身份号码", "证件号码", "身份证", "id no"),
                read=id_no, is_private=True,
                examples=("990106195001010012", "", "")),
    SheetColumn(name="birth_on", zh="出生日期", en="Birth date",
                others=("生日", "出生年月日", "date of birth", "birthday"), read=day,
                examples=("1950-01-01", "1952-09-30", "1968-06-12")),
    SheetColumn(name="sex", zh="性别", en="Sex", others=("gender",), read=choice(_SEXES),
                choices=_SEXES, examples=("男", "女", "女")),
    SheetColumn(name="phone", zh="电话", en="Phone",
                others=("手机", "手机号", "手机号码", "联系电话", "电话号码", "mobile"),
                read=phone, is_private=True,
                examples=("10012340011", "", "10012340013")),
    SheetColumn(name="contacts", zh="紧急联系人", en="Emergency contact",
                others=("联系人",), read=text(CONTACTS_MAX), is_private=True,
                examples=("女儿 10012340012", "", "")),
    SheetColumn(name="language", zh="语言", en="Language",
                read=choice((("zh", "中文", "Chinese"), ("en", "英文", "English"))),
                choices=(("zh", "中文", "Chinese"), ("en", "英文", "English")),
                examples=("中文", "中文", "英文")),
    SheetColumn(name="registered_elsewhere", zh="户籍在外", en="Registered elsewhere",
                others=("人户分离",), read=yes_no, choices=_YES_NO, examples=("否", "否", "是")),
    SheetColumn(name="is_other_person", zh="确认是另一个人", en="Another person",
                read=yes_no, choices=_YES_NO, examples=("", "", "")),
)  # fmt: skip
_FIELDS = (
    "id_no", "birth_on", "sex", "phone", "contacts", "language", "registered_elsewhere",
    "is_other_person", "relation",
)  # fmt: skip


def _person(row: SheetRow) -> NewPerson:
    return NewPerson(
        name=row.values["name"],
        **{field: row.values[field] for field in _FIELDS if field in row.values},
    )


def _homes(rows: Sequence[SheetRow], buildings: Mapping[str, int]) -> dict[Home, list[SheetRow]]:
    """The rows of each home, in the order of the sheet."""
    homes: dict[Home, list[SheetRow]] = {}
    for row in rows:
        home = (buildings.get(row.values["building"], 0), row.values["door"])
        homes.setdefault(home, []).append(row)
    return homes


def check(deed: Deed, rows: Sequence[SheetRow]) -> Iterator[CellFault]:
    """Find unknown buildings, two heads of one household, and people who may be known already."""
    buildings = buildings_by_word(deed)
    yield from (
        row.fault("building", "building") for row in rows if row.values["building"] not in buildings
    )
    homes = _homes(rows, buildings)
    for members in homes.values():
        heads = [row for row in members if row.get("relation") == HEAD]
        yield from (row.fault("relation", "two_heads", str(heads[0].number)) for row in heads[1:])
    people = [(row, at) for at, members in enumerate(homes.values()) for row in members]
    found = person_faults(deed, [_person(row) for row, _ in people], homes=[at for _, at in people])
    yield from (people[fault.at][0].fault(fault.field, fault.why) for fault in found)


def count(rows: Sequence[SheetRow]) -> dict[str, int]:
    """How many households and people the sheet has."""
    doors = {(row.values["building"], row.values["door"]) for row in rows}
    return {"households": len(doors), "people": len(rows)}


def book(deed: Deed, rows: Sequence[SheetRow], progress: Progress) -> Booked:
    """Enrol each household under the next numbers."""
    homes = _homes(rows, buildings_by_word(deed))
    first = int(draw_household_no(deed).rpartition("-")[2])
    made: list[Made] = []
    numbered = list(enumerate(homes.items(), start=first))
    for start in range(0, len(numbered), _AT_ONCE):
        some = numbered[start : start + _AT_ONCE]
        new = tuple(_household(number, home, members) for number, (home, members) in some)
        enrolled = enrol_households(deed, households=new)
        for (_number, (_home, members)), household_id, person_ids in zip(
            some, enrolled.household_ids, enrolled.person_ids, strict=True
        ):
            made.append(Made("household", household_id, members[0].number))
            made += [
                Made("person", person_id, row.number)
                for row, person_id in zip(members, person_ids, strict=True)
            ]
        progress(len(made))
    return Booked(tuple(made), count(rows))


def _household(number: int, home: Home, members: Sequence[SheetRow]) -> NewHousehold:
    household_no = read_household_no(str(number), is_bare=True)
    assert household_no is not None, "a community has fewer than a million households"
    return NewHousehold(household_no, *home, tuple(_person(row) for row in members))


def undo(deed: Deed, made: Sequence[Made]) -> None:
    """Remove the people and households, if nothing was recorded about them since."""
    ids: dict[str, list[int]] = {"household": [], "person": []}
    for one in made:
        ids[one.kind].append(one.id)
    if has_accounts(deed.session, deed.community_id, ids["person"]):
        raise SheetBuiltOn(what="account")
    found = remove_enrolled(deed, household_ids=ids["household"], person_ids=ids["person"])
    if found is not None:
        raise SheetBuiltOn(what=found)


PEOPLE = SheetKind(name="people", columns=COLUMNS, check=check, count=count, book=book, undo=undo)
