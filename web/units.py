"""Units of work for views: read, run a deed, render a form again after a refusal.

The action does the work; ``words`` has the text of a refusal.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, TypeVar

from flask import g, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from wtforms import Field, Form, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from timebank.db import Database
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.values import By, local_day
from web.auth import current_by
from web.ground import ground, now
from web.reader import form_words, language
from web.reader import lazy_gettext as _l
from web.reading import is_legible
from web.redrawing import is_redrawn
from web.words import sentence

__all__ = ["DeedForm", "community_id", "database", "deed", "draw", "ground", "now", "reading"]
__all__ += ["today", "tried"]

Receipt = TypeVar("Receipt")


def database() -> Database:
    return ground().database


def community_id() -> int:
    return ground().community_id


def today() -> date:
    return local_day(now())


def reading() -> AbstractContextManager[Session]:
    """Open a read-only unit of work: ``with units.reading() as session:``."""
    return database().reading()


class SpokenMeta(DefaultMeta):
    """Built-in messages in the reader's language; no text with characters that nobody can read."""

    def get_translations(self, form: BaseForm) -> Any:
        """The messages of WTForms (``This field is required.``)."""
        return form_words(language())

    def bind_field(self, form: BaseForm, unbound_field: UnboundField, options: Any) -> Field:
        """Make a field; each text is checked, so that no form forgets it."""
        made = super().bind_field(form, unbound_field, options)
        if isinstance(made, StringField):
            made.validators = [*made.validators, legible]
        return made


class SpokenForm(FlaskForm):
    """A form of a page."""

    def validate(self, *rest: Any, **more: Any) -> bool:
        """A form that is only drawn again is never complete, and shows no fault."""
        return not is_redrawn() and bool(super().validate(*rest, **more))

    class Meta(SpokenMeta, FlaskForm.Meta):
        """FlaskForm adds the token against requests from other sites."""


class PartForm(Form):
    """A part of a form that repeats, such as a line, or that has its own prefix."""

    Meta = SpokenMeta


def legible(form: BaseForm, field: StringField) -> None:
    """Refuse invisible control characters. A hidden field is not typed: **refuses** with 400."""
    if is_legible(field.data or "", lines=isinstance(field, TextAreaField)):
        return
    if isinstance(field, HiddenField):
        raise BadRequest()
    raise ValidationError(str(_l("里面有无法显示的字符，请重新输入。")))


class DeedForm(SpokenForm):
    """A form that runs one deed: it carries the request id created when it was rendered."""

    request_id = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def renew(self) -> None:
        """Create a new request id: what is sent after a refusal is another deed."""
        self.request_id.data = secrets.token_urlsafe(16)

    def refuse(self, refusal: TimebankError) -> None:
        """Show the refusal on the form, and make it ready to be sent again."""
        self.refusal = refusal
        self.form_errors.append(sentence(refusal))
        self.renew()


def deed(
    action: Callable[..., Receipt], key: DeedForm | str, /, *, by: By | None = None, **content: Any
) -> Receipt:
    """Run one action once for the form's request id; return its receipt or raise its refusal."""
    assert not is_redrawn(), f"{action} by a page that is only drawn"
    request_id = key if isinstance(key, str) else str(key.request_id.data)
    return perform(database(), action, by=by or current_by(), request_id=request_id, **content)


def tried(
    action: Callable[..., Receipt], form: DeedForm, /, *, by: By | None = None, **content: Any
) -> Receipt | None:
    """Run one action; on a refusal show it on the form and return None.

    The view then renders the form again with everything that was typed.
    """
    try:
        return deed(action, form, by=by, **content)
    except TimebankError as refusal:
        form.refuse(refusal)
        return None


def draw(template: str, *, form: FlaskForm, **content: Any) -> tuple[str, int]:
    """Render a page with a form; the status says whether it was refused."""
    refusal = getattr(form, "refusal", None)
    status = 200
    if refusal is not None:
        g.refusal, status = refusal, refusal.status
    elif form.errors:
        status = 422
    return render_template(template, form=form, **content), status
