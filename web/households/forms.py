"""The form of a whole household: its rows check shape; the action judges."""

from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from timebank.errors import BadInput, TimebankError
from timebank.households.actions import FamilyPaper, NewFamily, NewMember
from timebank.households.actions.enrolling import MEMBERS_MAX, PAPERS_MAX
from timebank.people.actions import NewPerson
from timebank.people.queries import Place
from timebank.people.refusals import BadIdNumber, DuplicateIdentity, PaperTooLong
from timebank.people.rules import ENTERED_KINDS
from timebank.people.rules.records import HEAD, REGISTER, RELATIONS, SENSITIVE
from timebank.policy.rules import DOCUMENTS
from web.forms import DayField, NumberField, RowList, WorkForm, named
from web.households.words import RELATION_WORDS
from web.people.words import PAPERS
from web.reader import LANGUAGES, LazyString
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id, read_number
from web.units import PartForm
from web.words import sentence, why_word

OFF = {"autocomplete": "off"}
NEEDED = InputRequired(_l("请填写。"))
ROWS = 3  # As many rows of people stand on the empty page.
SAME, OTHER = "same", "other"


def relation_choices() -> list[Any]:
    """The relations of everybody but the head."""
    return named(*((code, RELATION_WORDS[code]) for code in RELATIONS if code != HEAD))


class BirthField(DayField):
    """A birthday: older than any other day of a form. The action knows which ones there are."""

    def pre_validate(self, form: Form) -> None:
        """Nothing is too long ago for a form to be read."""


class MemberForm(PartForm):
    """One row: somebody of the household. An empty row is nobody."""

    name = StringField(_l("姓名"), [Length(max=40)], render_kw=OFF)
    birth_on = BirthField(_l("出生日期"), [Optional()])
    relation = SelectField(_l("关系"), validate_choice=False)
    id_no = NumberField(_l("身份证号"), [Length(max=30)], render_kw=OFF)
    wants_card = BooleanField(_l("办卡"))
    is_volunteer = BooleanField(_l("做志愿者"))
    # Answered only after it was asked: whether somebody who is registered is the same person.
    known = RadioField(
        _l("是同一个人吗？"),
        choices=named((SAME, _l("是同一个人")), (OTHER, _l("是两个人"))),
        validate_choice=False,
    )
    asks: str = ""  # Why the page asks: name_and_birth or phone.

    @property
    def is_empty(self) -> bool:
        return not (self.name.data or self.birth_on.data or self.id_no.data)


class FamilyPaperForm(PartForm):
    """One paper that was brought; a line without a kind is empty."""

    kind = SelectField(_l("哪一种证明"), validate_choice=False)
    member = SelectField(_l("写在谁的名下"), validate_choice=False)
    valid_from_on = DayField(_l("从哪天起有效"), [Optional()])
    valid_until_on = DayField(_l("有效期至"), [Optional()])
    document_no = NumberField(_l("证件编号"), [Length(max=60)], render_kw=OFF)
    issuer = StringField(_l("发证单位"), [Length(max=80)], render_kw=OFF)


class FamilyForm(WorkForm):
    """A household at the counter, on one page."""

    building_id = SelectField(_l("楼栋"), validate_choice=False)
    door = StringField(_l("门牌"), [NEEDED, Length(max=80)], render_kw=OFF)
    phone = StringField(_l("电话"), [Length(max=30)], render_kw={**OFF, "inputmode": "tel"})
    members = RowList(FormField(MemberForm), _l("家里有谁"), max_entries=MEMBERS_MAX)
    papers = RowList(FormField(FamilyPaperForm), _l("带来的证明"), max_entries=PAPERS_MAX)
    language = RadioField(_l("跟他们说"), choices=named(*LANGUAGES.items()), default="zh")
    contacts = StringField(_l("紧急联系人"), [Length(max=200)], render_kw=OFF)
    notes = TextAreaField(_l("需要照顾的情况"), [Length(max=200)], render_kw={"rows": 2, **OFF})
    consents = BooleanField(_l("读给住户听过，住户同意"))
    sensitive = BooleanField(_l("读给住户听过，住户单独同意"))
    asks_for_pin = BooleanField(_l("刷卡以后要按密码"))

    def offer(self, buildings: list[Place]) -> None:
        """Fill the lists, and show at least so many rows of people and one of papers."""
        while len(self.members) < ROWS and not self.is_sent:
            self.members.append_entry({"wants_card": len(self.members) == 0})
        if not len(self.papers) and not self.is_sent:
            self.papers.append_entry()
        self.building_id.choices = named(
            ("", _l("请选择")),
            *((str(place.id), _("%(number)s 号楼", number=place.number)) for place in buildings),
        )
        holders = [("", _l("整户")), *((str(row), self._who(row)) for row in range(MEMBERS_MAX))]
        kinds = sorted(ENTERED_KINDS, key=[*DOCUMENTS, *ENTERED_KINDS].index)
        for line in self.papers:
            line.form.kind.choices = named(("", _l("没有")), *((k, PAPERS[k]) for k in kinds))
            line.form.member.choices = named(*holders[: len(self.members) + 1])
        for number, line in enumerate(self.members):
            line.form.relation.choices = (
                named((HEAD, RELATION_WORDS[HEAD])) if number == 0 else relation_choices()
            )

    @property
    def is_sent(self) -> bool:
        return self.is_submitted()

    def _who(self, row: int) -> str:
        typed = self.members[row].form.name.data if row < len(self.members) else ""
        return typed or (_("户主") if row == 0 else _("第 %(number)s 口", number=row + 1))

    def add(self, what: str) -> None:
        """Add an empty row of people or papers, as long as there is room."""
        lines = {"member": self.members, "paper": self.papers}.get(what)
        if lines is not None and len(lines) < (lines.max_entries or 0):
            lines.append_entry()

    def validate(self, *rest: Any, **more: Any) -> bool:
        """A row of which something was typed has a name, and every question is answered."""
        is_whole = super().validate(*rest, **more)
        if read_id(self.building_id.data) is None:
            self.building_id.errors = [_("请选择。")]
            is_whole = False
        for number, line in enumerate(self.members):
            is_whole = self._row_is_whole(number, line.form) and is_whole
        for line in self.papers:
            is_whole = _paper_is_whole(line.form) and is_whole
        self._gather()
        return is_whole

    def _gather(self) -> None:
        """Let the lists know the faults of their rows, so that the page counts as refused."""
        for lines in (self.members, self.papers):
            said = [error for error in lines.errors if isinstance(error, str | LazyString)]
            rows = [line.errors for line in lines]
            lines.errors = [*said, *rows] if said or any(rows) else []

    def _row_is_whole(self, number: int, row: MemberForm) -> bool:
        if (number == 0 or not row.is_empty) and not (row.name.data or "").strip():
            row.name.errors = [_("请写上姓名。")]
        if row.known.data == SAME:
            row.asks = row.asks or SAME
            row.known.errors = [
                _(
                    "登记过的人不再登记一次：请清空这一行；登记好这一户以后，打开他的那一页，从原来的家庭搬过来。"
                )
            ]
        return not (row.name.errors or row.known.errors)

    def _rows(self) -> list[MemberForm]:
        return [line.form for line in self.members if not line.form.is_empty]

    def _papers(self) -> list[FamilyPaperForm]:
        return [line.form for line in self.papers if line.form.kind.data]

    def family(self) -> NewFamily:
        """The household as it was typed; empty rows are left out."""
        rows = self._rows()
        return NewFamily(
            building_id=read_id(self.building_id.data) or 0,
            door=(self.door.data or "").strip(),
            members=tuple(self._member(at, row) for at, row in enumerate(rows)),
            papers=tuple(self._paper(paper) for paper in self._papers()),
            consents=tuple(
                kind
                for kind, field in ((REGISTER, self.consents), (SENSITIVE, self.sensitive))
                if field.data
            ),
            asks_for_pin=bool(self.asks_for_pin.data),
        )

    def _member(self, at: int, row: MemberForm) -> NewMember:
        is_head = at == 0
        person = NewPerson(
            name=row.name.data or "", birth_on=row.birth_on.data, id_no=row.id_no.data or "",
            relation=HEAD if is_head else row.relation.data, language=self.language.data,
            phone=(self.phone.data or "") if is_head else "",
            contacts=(self.contacts.data or "").strip() if is_head else "",
            notes=(self.notes.data or "").strip() if is_head else "",
            is_other_person=row.known.data == OTHER,
        )  # fmt: skip
        return NewMember(
            person, is_volunteer=bool(row.is_volunteer.data), wants_card=bool(row.wants_card.data)
        )

    def _paper(self, paper: FamilyPaperForm) -> FamilyPaper:
        assert paper.valid_from_on.data and paper.valid_until_on.data
        return FamilyPaper(
            kind=paper.kind.data, valid_from_on=paper.valid_from_on.data,
            valid_until_on=paper.valid_until_on.data, member=self._place(paper.member.data),
            document_no=(paper.document_no.data or "").strip(),
            issuer=(paper.issuer.data or "").strip(),
        )  # fmt: skip

    def _place(self, typed: object) -> int | None:
        """The place of a holder among the rows that are not empty."""
        number = read_number(str(typed)) if typed else None
        if number is None or number >= len(self.members):
            return None
        rows = self._rows()
        chosen = self.members[number].form
        return rows.index(chosen) if chosen in rows else len(rows)

    def refuse(self, refusal: TimebankError) -> None:
        """Show a refusal in the row that it is about, with what has to be answered there."""
        place = self._place_of(refusal)
        if place is None:
            super().refuse(refusal)
            return
        self.refusal = refusal
        self.renew()
        row, field = place
        if isinstance(refusal, DuplicateIdentity) and refusal.facts.get("why"):
            row.asks = str(refusal.facts["why"])
            field = row.known
            field.errors = [_("请先答这一句。")]
            self._gather()
            return
        why = why_word(refusal.facts.get("why")) if isinstance(refusal, BadInput) else None
        field.errors = [why or sentence(refusal)]
        self._gather()

    def _place_of(self, refusal: TimebankError) -> tuple[Any, Field] | None:
        """The row and the field of a fault, if it is one of a row."""
        part, at = refusal.facts.get("part"), refusal.facts.get("row")
        rows: list[Any] = {"people": self._rows(), "papers": self._papers()}.get(str(part), [])
        if not isinstance(at, int) or at >= len(rows):
            return None
        usual = {BadIdNumber: "id_no", DuplicateIdentity: "id_no", PaperTooLong: "valid_until_on"}
        named_field = usual.get(type(refusal), str(refusal.facts.get("field")))
        name = {"person_id": "member"}.get(named_field, named_field)
        if name in ("phone", "contacts", "notes"):
            return None  # These are above the rows.
        return (rows[at], rows[at][name]) if name in rows[at] else None


def _paper_is_whole(paper: FamilyPaperForm) -> bool:
    if not paper.kind.data:
        return True
    for field in (paper.valid_from_on, paper.valid_until_on, paper.document_no, paper.issuer):
        if not field.data and not field.errors:
            field.errors = [_("请看着原件写。")]
    return not paper.errors
