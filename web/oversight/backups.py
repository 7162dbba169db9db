"""Backups: make one in a file that a pass opens, follow its progress, list them, take one away."""

from functools import partial
from typing import Any

from flask import (
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response
from wtforms import PasswordField, RadioField
from wtforms.validators import Length, ValidationError

from timebank.backups.keeping import remove_outdated
from timebank.backups.making import (
    CannotMake,
    KeptBackup,
    MakingState,
    Source,
    begin,
    bundle_name,
    kept_backups,
    making_state,
)
from timebank.errors import NotFound
from timebank.oversight import may
from timebank.oversight.actions import BackupAsked, fetch_backup, make_backup
from timebank.people.rules import SECRET_LENGTH_MAX
from web import units
from web.auth import needs, proven
from web.forms import PlainForm, WorkForm, named
from web.listing import numbered
from web.oversight.health_words import size_word
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_number
from web.tables import Column, table_of

ROWS_A_PAGE = 20
OWN_PASS_MIN = 16
REFRESH_SECONDS = 2
PLACE = MenuPlace(
    bar=MANAGE, word=_l("备份"), icon="package", order=90,
    says=_l("做一份，下载，存到别处"), right=may.MAKE_BACKUP,
    also=("work.backup",),
)  # fmt: skip
DRAWN, OWN = "drawn", "own"
COLUMNS = (
    Column(key="at", label=_l("什么时候"), kind="title", sort=lambda one: one.made_at),
    Column(key="size", label=_l("大小"), kind="number", sort=lambda one: one.size),
    Column(key="kind", label=_l("怎么用"), sort=lambda one: one.is_bundle),
    Column(key="do", label=_l("下载"), kind="action"),
)


class BackupForm(WorkForm):
    """Whether the page draws the pass, or the coordinator's own."""

    kind = RadioField(
        _l("口令"),
        choices=named((DRAWN, _l("由这一页给一个，只显示一次")), (OWN, _l("用我们自己定的"))),
        default=DRAWN,
    )
    own = PasswordField(
        _l("自己定的口令"), [Length(max=SECRET_LENGTH_MAX)],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip

    @property
    def is_own(self) -> bool:
        return bool(self.kind.data == OWN)

    def validate_own(self, field: PasswordField) -> None:
        """A pass of one's own is as long as a sentence."""
        if self.is_own and len((field.data or "").strip()) < OWN_PASS_MIN:
            least = _("请写至少 %(least)s 个字，例如一句只有你们知道的话。", least=OWN_PASS_MIN)
            raise ValidationError(least)


def source_here() -> Source | None:
    """What this server backs up; an application without a data folder has nothing."""
    data = current_app.config.get("DATA")
    url = units.database().engine.url.render_as_string(hide_password=False)
    return None if data is None else Source(url, data)


@page(WORK, "/backups", "backups", methods=BOTH, places=(PLACE,))
@needs(may.MAKE_BACKUP)
@proven
def backups() -> Any:
    """List the backups; make one, and show its pass once; send one away."""
    source = source_here()
    if request.form.get("do") == "fetch":
        return _fetched(source)
    form = BackupForm()
    if form.validate_on_submit() and source is not None:
        wanted = units.tried(make_backup, form, is_own=form.is_own)
        if wanted is not None:
            return _begun(source, wanted, form)
    return _drawn(form, source)


def _begun(source: Source, wanted: BackupAsked, form: BackupForm) -> Response:
    """Begin, unless a second press finds it begun; both answers show the same pass."""
    name, state = bundle_name(wanted.at), making_state(source)
    if state is None or state.name != name:
        try:
            begin(
                source, typed=wanted.passphrase or form.own.data or "", now=wanted.at,
                then=partial(remove_outdated, source, wanted.at),
            )  # fmt: skip
        except CannotMake as why:
            if why.why == "busy":
                flash(_("正在做另一份备份，请等它做完。"))
            return redirect(url_for("work.backups"), 303)
    if not wanted.passphrase:
        return redirect(url_for("work.backups"), 303)
    drawn = render_template("oversight/work_backup_pass.html", name=name, drawn=wanted.passphrase)
    answer = make_response(drawn)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _drawn(form: BackupForm, source: Source | None) -> Response:
    state = making_state(source) if source else None
    kind = request.args.get("kind", "")
    shown = [one for one in (kept_backups(source) if source else []) if fits(one, kind)]
    table = table_of(shown, COLUMNS, usual="-at")
    cut = numbered(table.rows, ROWS_A_PAGE, read_number(request.args.get("page"), most=999) or 1)
    kept = {name: request.args[name] for name in ("kind", "sort") if request.args.get(name)}
    content = units.draw(
        "oversight/work_backups.html", form=form, fetching=PlainForm.fresh(), state=state,
        table=table, listed=cut, asked=kept, size_word=size_word, is_here=source is not None,
        failed=failed_word(state),
    )  # fmt: skip
    answer = make_response(content)
    if state is not None and state.is_running and request.method == "GET":
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def fits(one: KeptBackup, kind: str) -> bool:
    """Tell whether a backup is of the kind that an address asks for."""
    return kind not in ("bundle", "plain") or one.is_bundle == (kind == "bundle")


def failed_word(state: MakingState | None) -> str:
    """Why the last backup was not made, and what to do; empty where it was."""
    if state is None:
        return ""
    words = {
        "full": _("磁盘的空间不够。请腾出空间，例如把旧备份移到别处，再做一次。"),
        "tool": _("服务器上没有装 pg_dump。请服务器的同事装上，再做一次。"),
        "fault": _("原因写在服务器的日志里。请服务器的同事看一下，再做一次。"),
    }
    if state.stage == "stopped":
        return _("做到一半，服务器停了。没有留下半份，请再做一次。")
    return words.get(state.why, words["fault"]) if state.stage == "failed" else ""


def _fetched(source: Source | None) -> Response:
    """Send a backup, and note who took it. **Refuses**: ``NotFound``."""
    form, one = PlainForm(), _of_name(source, request.form.get("name", ""))
    if source is None or one is None or not form.validate_on_submit():
        raise NotFound(kind="backup")
    units.deed(fetch_backup, form, name=one.name)
    return send_file(source.folder / one.name, as_attachment=True, download_name=one.name)


def _of_name(source: Source | None, name: str) -> KeptBackup | None:
    """A listed backup: no other file of the server has an address."""
    listed = kept_backups(source) if source else []
    return next((one for one in listed if one.name == name and one.is_bundle), None)
