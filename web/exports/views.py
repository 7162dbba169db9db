"""The page of a list as a file, the page that names every list, and everything in one file."""

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, url_for
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.exports import may
from timebank.exports.actions import take_everything
from timebank.people.rules import check_reason
from timebank.sheets.writing import CSV, XLSX, ZIP, SheetPart
from timebank.values import By
from web import units
from web.auth import by_or_none, current_by, needs, proven, signed_in
from web.exports.sending import part_of, send_list, sent, written
from web.forms import PlainForm, WorkForm, named
from web.pages import BOTH, MANAGE, ME, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet
from web.subjects import gathered

PLACE = MenuPlace(
    bar=MANAGE, word=_l("表格"), icon="file-text", order=85,
    says=_l("每一张清单都能存成 Excel 或 CSV；数据字典"), right=may.OPEN,
    also=("work.sheet",),
)  # fmt: skip


class EverythingForm(WorkForm):
    """Everything in one file: in which kind, and why."""

    kind = RadioField(
        _l("文件"),
        choices=named(
            (XLSX, _l("一个 Excel 文件，每张清单一页")), (ZIP, _l("一个压缩包，每张清单一个 CSV"))
        ),
        default=XLSX,
    )
    reason = TextAreaField(
        _l("为什么要存"), [InputRequired(_l("请写上原因。")), Length(max=200)]
    )  # fmt: skip

    def validate_reason(self, field: TextAreaField) -> None:
        """Refuse what is no sentence before the long work of writing begins."""
        try:
            check_reason(field.data or "")
        except BadInput as refusal:
            self.refuse(refusal)


@page(WORK, "/sheets", "sheets", places=(PLACE,))
@needs(may.OPEN)
def sheets() -> str:
    """Name every list that the reader may take."""
    by = current_by()
    return render_template(
        "exports/work_sheets.html", sheets=list(_staff_sheets(by)),
        may_take_all=may.TAKE_EVERYTHING.is_held_everywhere(by),
    )  # fmt: skip


def _staff_sheets(by: By) -> Iterator[ListSheet]:
    known: list[ListSheet] = list(gathered().sheets.values())
    yield from (one for one in known if one.right is not None and one.is_for(by))


@page(WORK, "/sheets/<name>", "sheet", methods=BOTH, under="work.sheets")
@needs(may.OPEN)
def sheet(name: str) -> Any:
    """Choose the kind of file for a list of the staff, and take it."""
    found = _sheet(name, is_own=False)
    return proven(_drawn)(found) if found.is_proven else _drawn(found)


@page(ME, "/sheets/<name>", "sheet", methods=BOTH)
@signed_in
def own_sheet(name: str) -> Any:
    """Choose the kind of file for a list of one's own, and take it."""
    return _drawn(_sheet(name, is_own=True))


def _sheet(name: str, *, is_own: bool) -> ListSheet:
    """**Refuses**: ``NotFound``; ``NotAllowed`` as the page of the list does."""
    found: ListSheet | None = gathered().sheets.get(name)
    if found is None or (found.right is None) != is_own:
        raise NotFound(kind="sheet")
    if not found.is_for(current_by()):
        raise NotAllowed(why="role")
    return found


def _drawn(wanted: ListSheet) -> Any:
    form, kind = PlainForm(), request.form.get("kind", "")
    query = wanted.asked(request.args)
    if kind in (CSV, XLSX) and form.validate_on_submit():
        return send_list(wanted, current_by(), query, kind=kind)
    _begin(wanted, query)
    if request.method == "POST":
        form.form_errors.append(_("请点一种文件。"))
    layout = "person" if wanted.right is None else "staff"
    return units.draw(
        "exports/sheet.html", form=form, sheet=wanted, layout=f"layout/{layout}.html",
        back=url_for(wanted.page, **query), is_part=bool(query),
    )  # fmt: skip


def _begin(found: ListSheet, asked: Asked) -> None:
    """Read the first rows, so that a list that is not there is refused before its button."""
    with units.reading() as session:
        next(found.rows(session, current_by(), asked), None)


@page(WORK, "/sheets/everything", "sheets_everything", methods=BOTH, under="work.sheets")
@needs(may.TAKE_EVERYTHING)
@proven
def everything() -> Any:
    """Take every list in one file, for a stated reason, after a second proof of who one is."""
    by, form = current_by(), EverythingForm()
    may.TAKE_EVERYTHING.require_everywhere(by)
    if form.validate_on_submit():
        return _everything(by, form)
    return units.draw("exports/work_everything.html", form=form, sheets=list(_staff_sheets(by)))


def _everything(by: By, form: EverythingForm) -> Response:
    kind = str(form.kind.data)
    with units.reading() as session:
        parts: Iterator[SheetPart] = (
            part_of(one, session, by, one.whole) for one in _staff_sheets(by)
        )
        file, rows = written(parts, kind)
    units.deed(take_everything, form, kind=kind, rows=rows, reason=form.reason.data or "")
    return sent(file, _("全部表格"), kind)


def sheet_address(name: str, **more: object) -> str:
    """The page of a list as a file, of what this page shows; empty if not for the reader."""
    found: ListSheet = gathered().sheets[name]
    by = by_or_none()
    if by is None or not found.is_for(by):
        return ""
    endpoint = "me.sheet" if found.right is None else "work.sheet"
    return url_for(endpoint, name=name, **found.asked(request.args) | more)


def install(app: Any) -> None:
    """Let every template link to the sheet of its list."""
    app.jinja_env.globals.update(sheet_address=sheet_address)
