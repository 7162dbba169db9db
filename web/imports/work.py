"""Bring a sheet in: choose a kind, upload, match the columns, look at the faults, sign."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from timebank.errors import NotFound
from timebank.imports import actions, may
from timebank.imports.kinds import KINDS, kind_named
from timebank.imports.queries import batch_named, batches, staged_of
from timebank.imports.refusals import SheetKnown
from timebank.imports.rules import REASON_MAX
from timebank.imports.templates import template_of
from timebank.sheets.reading import BYTES_MAX, SheetUnfit, read_sheet
from web import units
from web.auth import current_by, needs, proven
from web.forms import PlainForm, WorkForm
from web.imports.booking import AT_ONCE_ROWS, BOOKINGS
from web.imports.forms import UploadForm, match_form
from web.imports.showing import batch_rows, faults_shown, preview_of
from web.imports.words import KIND_WORDS, STATES, unfit_word
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.security import takes_files
from web.words import sentence

PLACE = MenuPlace(
    bar=MANAGE,
    word=_l("导入表格"),
    icon="file-text",
    order=35,
    says=_l("把原来的名单、物品和时间从表格里带进来；两个人定"),
    right=may.READ,
)


class SheetUndoForm(WorkForm):
    """Why a batch is to be taken back."""

    reason = TextAreaField(_l("为什么要退回"), [Length(max=REASON_MAX)])


@page(WORK, "/import", "import", places=(PLACE,))
@needs(may.READ)
def imports() -> str:
    """List the kinds of sheet with their templates, and the sheets that were uploaded."""
    by = current_by()
    with units.reading() as session:
        known = batches(session, by.community_id, now=units.now())
    return render_template(
        "imports/work_import.html", kinds=KINDS, batches=known, words=KIND_WORDS, states=STATES,
        may_upload=may.UPLOAD.is_held_everywhere(by),
    )  # fmt: skip


@page(WORK, "/import/template/<sheet>", "import_template", under="work.import")
@needs(may.UPLOAD)
def template(sheet: str) -> Response:
    """Send the sheet to fill in.

    **Refuses**: ``NotFound`` for a kind that another program writes.
    """
    kind = kind_named(sheet)
    if not kind.has_heading:
        raise NotFound(kind="sheet_kind")
    response = make_response(template_of(kind, language()))
    response.headers["Content-Type"] = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet}.xlsx"'
    return response


@page(WORK, "/import/new/<sheet>", "import_new", methods=BOTH, under="work.import")
@needs(may.UPLOAD)
@takes_files("sheet", most_bytes=BYTES_MAX)
def upload(sheet: str) -> Any:
    """Take a sheet in, and try it out."""
    kind, form = kind_named(sheet), UploadForm()
    if form.validate_on_submit():
        batch_id = _staged(form, sheet)
        if batch_id is not None:
            return redirect(url_for("work.import_at", batch_id=batch_id), 303)
    return units.draw(
        "imports/work_upload.html", form=form, kind=kind, word=KIND_WORDS[sheet],
        language=language(),
    )  # fmt: skip


def _staged(form: UploadForm, kind: str) -> int | None:
    """Read the file and keep its rows; what is wrong with it is shown beside the field."""
    sent = form.sheet.data
    if not sent:
        form.sheet.errors = [_("请先选一张表。")]
        return None
    try:
        rows = read_sheet(sent.read(BYTES_MAX + 1))
    except SheetUnfit as unfit:
        form.sheet.errors = [unfit_word(unfit)]
        return None
    receipt = units.tried(
        actions.stage_sheet, form, kind=kind, file_name=sent.filename or "", rows=rows
    )
    refusal = getattr(form, "refusal", None)
    if isinstance(refusal, SheetKnown):
        flash(sentence(refusal))
        return int(str(refusal.facts["batch_id"]))
    return None if receipt is None else int(receipt.batch_id)


@page(WORK, "/import/<int:batch_id>/columns", "import_columns", methods=BOTH, under="work.import")
@needs(may.UPLOAD)
def columns(batch_id: int) -> Any:
    """Say which column is which."""
    by = current_by()
    with units.reading() as session:
        batch = batch_named(session, by.community_id, batch_id, now=units.now())
        sheet, _faults = staged_of(session, by.community_id, batch_id)
    at_batch = url_for("work.import_at", batch_id=batch_id)
    if sheet is None:
        return redirect(at_batch, 303)
    kind = kind_named(batch.kind)
    form = match_form(kind, sheet)
    if form.validate_on_submit():
        receipt = units.tried(
            actions.match_sheet, form, batch_id=batch_id, heading=form.heading_index,
            places=form.places(kind),
        )  # fmt: skip
        if receipt is not None:
            return redirect(at_batch, 303)
    return units.draw("imports/work_columns.html", form=form, kind=kind, batch=batch)


@page(WORK, "/import/<int:batch_id>", "import_at", methods=BOTH, under="work.import")
@needs(may.READ)
def at(batch_id: int) -> Any:
    """Show what a sheet would bring or has brought, and its faults; withdraw it, ask to undo it."""
    by, form = current_by(), SheetUndoForm()
    do = request.form.get("do", "")
    if do == "withdraw" and form.validate_on_submit():
        if units.tried(actions.withdraw_sheet, form, batch_id=batch_id) is not None:
            flash(_("收回了，表里的内容已经删掉。"))
            return redirect(url_for("work.import"), 303)
    elif do == "undo" and form.validate_on_submit():
        content = {"batch_id": batch_id, "reason": form.reason.data or ""}
        if units.tried(actions.ask_undo_sheet, form, **content) is not None:
            flash(_("已经提出。请另一位负责人或者审批人打开“待办”签字退回。"))
            return redirect(url_for("work.import_at", batch_id=batch_id), 303)
    return _drawn("imports/work_batch.html", form, batch_id, may_upload=may.UPLOAD.is_held(by))


@page(WORK, "/import/<int:batch_id>/sign", "import_sign", methods=BOTH, under="work.import")
@needs(may.SIGN)
@proven
def sign(batch_id: int) -> Any:
    """Sign as the second person: book the sheet, or take the batch back."""
    form, do = PlainForm(), request.form.get("do", "")
    if do == "book" and form.validate_on_submit() and _is_booking(form, batch_id):
        return redirect(url_for("work.import_sign", batch_id=batch_id), 303)
    is_undoing = do == "undo" and form.validate_on_submit()
    if is_undoing and units.tried(actions.undo_sheet, form, batch_id=batch_id) is not None:
        flash(_("整批退回了，就像没有导入过一样。"))
        return redirect(url_for("work.import_at", batch_id=batch_id), 303)
    refusal = BOOKINGS.refusal(batch_id)
    if refusal is not None:
        form.refuse(refusal)
    progress = BOOKINGS.progress(batch_id)
    answer = make_response(_drawn("imports/work_sign.html", form, batch_id, progress=progress))
    if progress is not None:
        answer.headers["Refresh"] = "1"  # Seconds, until all rows are written.
    return answer


def _is_booking(form: PlainForm, batch_id: int) -> bool:
    """Book a small sheet now; begin with a large one. False if it was refused."""
    by = current_by()
    with units.reading() as session:
        batch = batch_named(session, by.community_id, batch_id, now=units.now())
    if batch.row_count > AT_ONCE_ROWS:
        key = str(form.request_id.data)
        BOOKINGS.start(units.database(), by, batch_id=batch_id, key=key, rows=batch.row_count)
        return True
    return units.tried(actions.book_sheet, form, batch_id=batch_id) is not None


def _drawn(template: str, form: WorkForm, batch_id: int, **more: Any) -> Any:
    by = current_by()
    with units.reading() as session:
        batch = batch_named(session, by.community_id, batch_id, now=units.now())
        sheet, faults = staged_of(session, by.community_id, batch_id)
    kind = kind_named(batch.kind)
    return units.draw(
        template, form=form, batch=batch, word=KIND_WORDS[batch.kind][0],
        state=STATES["import_batch", batch.state], sheet=sheet,
        rows=batch_rows(batch, sheet), faults=faults_shown(kind, faults),
        preview=preview_of(kind, sheet), is_own=by.person_id == batch.staged_by_person_id,
        is_asker=by.person_id == batch.undo_asked_by_person_id, **more,
    )  # fmt: skip
