"""Shared by all schemas: ids as text, small checks, problems, sign-in, paging."""

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from timebank.people.rules import SECRET_LENGTH_MAX
from timebank.typed import read_whole
from web.reading import ID_PATTERN, is_legible, read_day, read_id

_ID_SHAPE = {"pattern": f"^{ID_PATTERN}$"}
LARGEST_SEQ = 2**53 - 1
PAGE, PAGE_MAX = 20, 100  # Lines of a page by default, and at most.


def about(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class Id(fields.String):
    """An id as a string: it has up to 63 bits, more than a JavaScript number can hold."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "metadata": {**_ID_SHAPE, **options.get("metadata", {})}})

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> int:  # type: ignore[override]
        number = read_id(super()._deserialize(value, *rest, **more))
        if number is None:
            raise self.make_error("invalid")
        return number


class Day(fields.Date):
    """A local day, within the bounds for all days in input."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> date:
        day = read_day(value) if isinstance(value, str) else None
        if day is None:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return day


def _legible(text: str) -> None:
    if not is_legible(text):
        raise ValidationError("characters")


def whole(least: int, most: int, **options: Any) -> fields.Integer:
    span = validate.Range(min=least, max=most, error="range")
    return fields.Integer(strict=True, validate=span, **options)


class WholeInAddress(fields.Integer):
    """A whole number of a query string, read as in a form."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most, error="range"), **options)

    def _validated(self, value: Any) -> int:
        number = read_whole(value) if isinstance(value, str) else None
        if number is None:
            raise self.make_error("invalid", input=value)
        return number


def choice(choices: Any, **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(tuple(choices), error="choice"), **options)


def text(most: int, *, least: int = 0, **options: Any) -> fields.String:
    length = validate.Length(min=least, max=most, error="length")
    return fields.String(validate=[length, _legible], **options)


def id_shape(name: str) -> dict[str, Any]:
    """Describe an id in an address."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **_ID_SHAPE}}


class Answered(Schema):
    """An answer: every field is present, and later versions may add some."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        """State in the document that every field is always present."""
        field_obj.required = True


class Problem(Answered):
    """An error. ``code`` is stable and for programs, ``message`` is for people."""

    code = fields.String(metadata=about("Stable: never translated, never reused."))
    facts = fields.Dict(metadata=about("What explains the code, by name."))
    message = fields.String(
        metadata=about("A sentence in the language of Accept-Language: zh or en.")
    )
    status = fields.Integer()
    title = fields.String()


class Reason(Answered):
    """Why not, or why not more, as in a problem."""

    code = fields.String()
    facts = fields.Dict()
    message = fields.String()


class OfStore(Schema):
    """One store, or all."""

    store_id = Id(load_default=None)


class Newest(Schema):
    """How many, newest first, before the one with an id."""

    limit = WholeInAddress(1, PAGE_MAX, load_default=PAGE)
    before = Id(load_default=None)

    @staticmethod
    def cursor(content: dict[str, Any]) -> tuple[int] | None:
        return None if content["before"] is None else (content["before"],)


def next_before() -> Id:
    return Id(allow_none=True, metadata=about("``before`` of the next page; null on the last."))


def cut(found: list[Any], limit: int) -> tuple[list[Any], int | None]:
    """Cut a page from what was read, one row more than asked; with ``next_before``."""
    return found[:limit], found[limit - 1].id if len(found) > limit else None


class SignIn(Schema):
    """Name and password, as on the page; ``code`` is that of a second factor, for who has one."""

    login_name = text(SECRET_LENGTH_MAX, least=1, required=True)
    password = fields.String(
        required=True,
        validate=validate.Length(min=1, max=SECRET_LENGTH_MAX, error="length"),
        metadata={"format": "password"},
    )
    code = text(40, load_default="")


class Token(Answered):
    """A token to send as ``Authorization: Bearer …`` until ``expires_at``."""

    token = fields.String()
    token_type = fields.String()
    expires_at = fields.AwareDateTime()
    person_id = Id(allow_none=True)
    household_id = Id(allow_none=True)
