"""A page that only draws a form again, with what was typed, and does nothing of it.

The language was switched, the form has gone stale, or a draft is restored. The view runs as it does
after a refusal: every form says that it is not complete, so no deed runs.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from flask import g, has_request_context, request
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import FileField, Form, PasswordField
from wtforms.fields.core import UnboundField

SWITCH = "switch-to"  # The field of the switches of language and size, sent with the form.
_OF_THE_PAGE = frozenset({"csrf_token", SWITCH})
Typed = tuple[tuple[str, str], ...]


def is_redrawn() -> bool:
    """Tell whether the forms of this request are only drawn."""
    return has_request_context() and bool(g.get("is_redrawn"))


def redraw(typed: Iterable[tuple[str, str]], *, why: str) -> None:
    """Draw the page of this request with what was typed. ``why`` selects the words above it."""
    g.is_redrawn, g.redrawn_why = True, why
    request.method = "POST"
    request.form = ImmutableMultiDict(typed)
    request.files = ImmutableMultiDict()


def typed_fields(*, stored: bool = False) -> Typed:
    """What was sent and may come back: no file, no password, no PIN; if it is stored, no code."""
    secret = secret_names() if stored else password_names()
    return tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _OF_THE_PAGE and _last(name) not in secret
    )


def _last(name: str) -> str:
    """The name of a field within its line or its part of the form."""
    return name.rsplit("-", 1)[-1]


@lru_cache(maxsize=1)
def password_names() -> frozenset[str]:
    """The names of all passwords, PINs and files, from the forms of every subject."""
    return frozenset(_names(Form, lambda field: issubclass(field, PasswordField | FileField)))


@lru_cache(maxsize=1)
def secret_names() -> frozenset[str]:
    """The names of all fields that are never stored: also of codes."""
    return password_names() | set(_names(Form, lambda field: not getattr(field, "is_kept", True)))


def _names(kind: type[Form], is_wanted: Callable[[type], bool]) -> Iterable[str]:
    for name, value in vars(kind).items():
        if isinstance(value, UnboundField) and is_wanted(value.field_class):
            yield name
    for below in kind.__subclasses__():
        yield from _names(below, is_wanted)
