"""The forms of importing: a file, and which column is which."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField

from timebank.imports.shapes import SheetColumn, SheetKind
from timebank.imports.staged import StagedSheet
from timebank.imports.templates import heading
from timebank.sheets.reading import column_letters
from web.forms import WorkForm, named
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l

ACCEPTED = ".xlsx,.csv,.tsv,.txt"
HEADING_CHOICES = 20
_SHOWN = 24  # Letters of a cell in a choice.
_NONE = ""


class UploadForm(WorkForm):
    """One sheet."""

    sheet = FileField(_l("要传的表"), render_kw={"accept": ACCEPTED})


class MatchForm(WorkForm):
    """Which row is the heading, and which column of the sheet is which; made for one sheet."""

    heading: SelectField

    @property
    def heading_index(self) -> int | None:
        """The index of the heading row; None without one."""
        chosen = self.heading.data
        return int(chosen) if chosen else None

    def places(self, kind: SheetKind) -> dict[str, int]:
        """The chosen column of the sheet for each field."""
        chosen = {column.name: self.field_for(column).data for column in kind.columns}
        return {name: int(at) for name, at in chosen.items() if at}

    def field_for(self, column: SheetColumn) -> Any:
        return self._fields[f"column_{column.name}"]

    def field_of(self, name: str) -> Any:
        """A refusal names the column of the kind."""
        return self._fields.get(f"column_{name}") or super().field_of(name)


def match_form(kind: SheetKind, sheet: StagedSheet) -> MatchForm:
    """A form with a list for each column; a sheet shows the first cells of its columns."""
    fields: dict[str, Any] = {
        "heading": SelectField(_l("标题在哪一行"), choices=named(*_rows(sheet)), default=_NONE)
    }
    columns = list(_columns(sheet))
    for column in kind.columns:
        star = " *" if column.is_needed else ""
        fields[f"column_{column.name}"] = SelectField(
            heading(column, language()) + star,
            choices=named((_NONE, _("没有这一列")), *columns), default=_NONE,
        )  # fmt: skip
    form: MatchForm = type("MatchForm", (MatchForm,), fields)()
    if not form.is_submitted():
        _fill(form, _likely_heading(kind, sheet), sheet.places)
    return form


def _likely_heading(kind: SheetKind, sheet: StagedSheet) -> int | None:
    """The row to begin with: the known one, or the first with more than one cell."""
    if sheet.heading is not None or not kind.has_heading:
        return sheet.heading
    rows = enumerate(sheet.rows[:HEADING_CHOICES])
    return next((at for at, row in rows if sum(map(bool, row)) > 1), None)


def _fill(form: MatchForm, at: int | None, places: Mapping[str, int]) -> None:
    form.heading.data = _NONE if at is None else str(at)
    for name, place in places.items():
        form._fields[f"column_{name}"].data = str(place)


def _rows(sheet: StagedSheet) -> Iterator[tuple[str, str]]:
    yield _NONE, _("没有标题行")
    for at, row in enumerate(sheet.rows[:HEADING_CHOICES]):
        if any(row):
            yield str(at), _("第 %(row)s 行：%(cells)s", row=at + 1, cells=_short(" ".join(row)))


def _columns(sheet: StagedSheet) -> Iterator[tuple[str, str]]:
    """The columns of the sheet, each with its heading or its first cell."""
    head = next((row for row in sheet.rows[sheet.heading or 0 :] if any(row)), ())
    width = max((len(row) for row in sheet.rows), default=0)
    for at in range(width):
        cell = head[at] if at < len(head) else ""
        yield str(at), " ".join(part for part in (column_letters(at), _short(cell)) if part)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
