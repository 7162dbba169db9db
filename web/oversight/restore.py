"""Restore a backup over a running community: two people, and a code that the server prints."""

from collections.abc import Callable
from typing import Any

import click
from flask import flash, redirect, request, url_for

from timebank.backups.staging import CannotRestore, Staged, Target, drop
from timebank.deeds.running import perform
from timebank.oversight import may
from timebank.oversight.actions import ask_restore, confirm_restore
from web import units
from web.auth import current_by, my_name, needs, proven
from web.forms import CodeField, WorkForm
from web.oversight.restore_words import counted, fault_word, restore_word, step_words
from web.oversight.restoring import (
    BODY_BYTES,
    BUNDLE,
    KEYS,
    Ready,
    RestoreForm,
    answered,
    is_checked_or_goes_on,
    new_code,
    place_here,
    restoring,
    shown,
    switched,
    upload_token,
)
from web.pages import BOTH, MANAGE, WORK, MenuPlace, page
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.security import takes_files

PLACE = MenuPlace(
    bar=MANAGE, word=_l("恢复备份"), icon="undo-2", order=100,
    says=_l("从一份备份回到那时候，要两个人"), right=may.CONFIRM_RESTORE,
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
    if do == "drop" and not restoring().step:
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
    may.ASK_RESTORE.require_everywhere(current_by())
    if form.validate_on_submit() and is_checked_or_goes_on(form, place, _asker(form)):
        return redirect(url_for("work.restore"), 303)
    return _drawn(form, ConfirmForm(formdata=None))


def _asker(form: RestoreForm) -> Callable[[Staged], None]:
    """What lets a backup wait for the second person, and prints the code for them."""
    by, name, check, database = current_by(), my_name(), restoring(), units.database()
    request_id = str(form.request_id.data)

    def ask(staged: Staged) -> None:
        made_at = staged.header.made_at
        perform(database, ask_restore, by=by, request_id=request_id, made_at=made_at)
        code = new_code()
        check.ready = Ready(
            staged=staged, at=database.clock(), asked_by_person_id=by.person_id, asked_by=name,
            code=code,
        )  # fmt: skip
        click.echo(
            f"A backup of {made_at} waits to be restored over the running community."
            f" Only if you know of it, tell the second person the code {shown(code)}"
        )

    return ask


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
    drawn = units.draw(
        "oversight/work_restore.html", form=refused, bringing=form, confirming=confirming,
        ready=ready, place=place_here(), token=upload_token(), counted=counted,
        may_bring=may.ASK_RESTORE.is_held_everywhere(by),
        is_own=ready is not None and ready.asked_by_person_id == by.person_id,
        step_words=step_words(restoring().step), fault=fault_word(restoring().fault),
    )  # fmt: skip
    return answered(drawn)
