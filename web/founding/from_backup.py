"""On an empty database: bring back a community from its backup and its two keys."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from timebank.backups.staging import CannotRestore, Staged
from web import units
from web.forms import PlainForm
from web.founding.guard import SET_UP, in_set_up
from web.oversight.restore import restored_word
from web.oversight.restore_words import counted, fault_word, restore_word, step_words
from web.oversight.restoring import (
    BODY_BYTES,
    BUNDLE,
    KEYS,
    Ready,
    RestoreForm,
    answered,
    is_checked_or_goes_on,
    place_here,
    restoring,
    switched,
    upload_token,
)
from web.pages import BOTH, page
from web.security import takes_files


@page(SET_UP, "/restore", "restore", methods=BOTH)
@in_set_up
def restore() -> Any:
    """Show the form, or what is ready; the button switches."""
    form, place = PlainForm(), place_here()
    ready = restoring().now_ready(units.now())
    if place is not None and ready is not None and form.validate_on_submit():
        try:
            switched(place, ready, by_whom="set-up")
        except CannotRestore as why:
            form.form_errors.append(restore_word(why))
            return _drawn(RestoreForm(formdata=None), form)
        flash(restored_word())
        return redirect(url_for("account.sign_in_by_name"), 303)
    return _drawn(RestoreForm(formdata=None), form)


@page(SET_UP, "/restore/<token>", "restore_upload", methods=BOTH)
@in_set_up
@takes_files(BUNDLE, KEYS, most_bytes=BODY_BYTES)
def upload(token: str) -> Any:
    """Take a backup in and prove it; nothing is there that it could change."""
    form, place = RestoreForm(), place_here()
    if request.method == "GET" or place is None:
        return redirect(url_for("set_up.restore"), 303)
    if form.validate_on_submit() and is_checked_or_goes_on(form, place, _keeper()):
        return redirect(url_for("set_up.restore"), 303)
    return _drawn(form, PlainForm.fresh())


def _keeper() -> Callable[[Staged], None]:
    """What lets a backup wait for the button that switches."""
    check, clock = restoring(), units.database().clock

    def keep(staged: Staged) -> None:
        check.ready = Ready(staged=staged, at=clock())

    return keep


def _drawn(form: RestoreForm, switching: PlainForm) -> Any:
    refused = switching if switching.form_errors else form
    drawn = units.draw(
        "founding/restore.html", form=refused, bringing=form, switching=switching,
        ready=restoring().now_ready(units.now()), place=place_here(), token=upload_token(),
        counted=counted, step_words=step_words(restoring().step),
        fault=fault_word(restoring().fault),
    )  # fmt: skip
    return answered(drawn)
