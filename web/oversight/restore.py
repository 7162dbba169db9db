"""Restore a backup over a running community: two people, and a code that the server prints."""

from typing import Any

import click
from flask import flash, redirect, request, url_for

from timebank.backups.staging import CannotRestore, Staged, Target, drop
from timebank.oversight import may
from timebank.oversight.actions import ask_restore, confirm_restore
from web import units
from web.auth import current_by, my_name, needs, proven
from web.forms import CodeField, WorkForm
from web.oversight.restore_words import counted, restore_word
from web.oversight.restoring import (
    BODY_BYTES,
    BUNDLE,
    KEYS,
    Ready,
    RestoreForm,
    new_code,
    place_here,
    restoring,
    shown,
    staged_from,
    switched,
    upload_token,
)
from web.pages import BOTH, DESK, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.security import takes_files

PLACE = MenuPlace(
    bar=DESK, word=_l("恢复备份"), icon="undo-2", order=66, right=may.CONFIRM_RESTORE,
    also=("work.restore",),
)  # fmt: skip


class ConfirmForm(WorkForm):
    """The code that the server printed; typed by the second person."""

    code = CodeField(_l("服务器显示的码"), render_kw={"autocomplete": "off", "maxlength": 40})


@page(WORK, "/restore", "restore", methods=BOTH, places=(PLACE,))
@needs(may.CONFIRM_RESTORE)
@proven
def restore() -> Any:
    """Show what waits for the second person, or the form that brings a backup."""
    form, place, do = ConfirmForm(), place_here(), request.form.get("do")
    if place is None or request.method != "POST" or not form.validate_on_submit():
        return _drawn(RestoreForm(formdata=None), form)
    if do == "drop":
        may.ASK_RESTORE.require_everywhere(current_by())
        restoring().ready = None
        drop(place)
        return redirect(url_for("work.restore"), 303)
    return _confirmed(form, place)


@page(WORK, "/restore/<token>", "restore_upload", methods=BOTH, under="work.restore")
@needs(may.ASK_RESTORE)
@proven
@takes_files(BUNDLE, KEYS, most_bytes=BODY_BYTES)
def upload(token: str) -> Any:
    """Take a backup in and prove it beside the running community."""
    form, place = RestoreForm(), place_here()
    if request.method == "GET" or place is None:
        return redirect(url_for("work.restore"), 303)
    if form.validate_on_submit():
        staged = staged_from(form, place)
        if staged is not None and _is_asked(form, staged):
            return redirect(url_for("work.restore"), 303)
    return _drawn(form, ConfirmForm(formdata=None))


def _is_asked(form: RestoreForm, staged: Staged) -> bool:
    """Let it wait for the second person, and print the code for them."""
    if units.tried(ask_restore, form, made_at=staged.header.made_at) is None:
        return False
    code = new_code()
    restoring().ready = Ready(
        staged=staged, at=units.now(), asked_by_person_id=current_by().person_id,
        asked_by=my_name(), code=code,
    )  # fmt: skip
    click.echo(
        f"A backup of {staged.header.made_at} waits to be restored over the running community."
        f" Only if you know of it, tell the second person the code {shown(code)}"
    )
    return True


def _confirmed(form: ConfirmForm, place: Target) -> Any:
    ready = restoring().now_ready(units.now())
    try:
        if ready is None:
            raise CannotRestore("gone")
        if not restoring().is_code(form.code.data or ""):
            raise CannotRestore("code")
        values = {"made_at": ready.staged.header.made_at, "person_id": ready.asked_by_person_id}
        if units.tried(confirm_restore, form, **values) is None:
            return _drawn(RestoreForm(formdata=None), form)
        switched(place, ready, by_whom=f"{ready.asked_by} + {my_name()}")
    except CannotRestore as why:
        form.form_errors.append(restore_word(why))
        form.renew()
        return _drawn(RestoreForm(formdata=None), form)
    flash(restored_word())
    return redirect(url_for("account.sign_in_by_name"), 303)


def restored_word() -> str:
    """What everybody must know after a restore."""
    return _(
        "备份恢复好了。请照备份那时的用户名和密码登录。屏幕写着“暂停使用”的自助终端要重新配对。"
    )


def _drawn(form: RestoreForm, confirming: ConfirmForm) -> Any:
    ready, by = restoring().now_ready(units.now()), current_by()
    refused = confirming if confirming.errors or confirming.form_errors else form
    return units.draw(
        "oversight/work_restore.html", form=refused, bringing=form, confirming=confirming,
        ready=ready, place=place_here(), token=upload_token(), counted=counted,
        may_bring=may.ASK_RESTORE.is_held_everywhere(by),
        is_own=ready is not None and ready.asked_by_person_id == by.person_id,
    )  # fmt: skip
