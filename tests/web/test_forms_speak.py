"""Every form speaks: each field has a label of ours, and each form our words for WTForms."""

import importlib
from collections.abc import Iterable, Iterator

from flask import Flask
from wtforms import FieldList, HiddenField, SubmitField
from wtforms.fields import Field
from wtforms.form import BaseForm

from tests.house.sources import nothing, sources
from web.units import SpokenMeta


def forms() -> list[type[BaseForm]]:
    """Every form that a page can show."""
    for source in sources("web"):
        if "forms" in source.module or "/web/" in str(source.path):
            importlib.import_module(source.module)
    return [one for one in _below(BaseForm) if one.__module__.startswith("web.")]


def _below(base: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _below(kind)


def faults_of(kinds: Iterable[type[BaseForm]]) -> list[str]:
    """Name each field whose label WTForms made of its name, and each form without our words."""
    found = []
    for kind in kinds:
        form = kind(formdata=None)  # type: ignore[call-arg]
        if not isinstance(form.meta, SpokenMeta):
            found.append(f"{kind.__name__} does not use our words for the messages of WTForms")
        bare = [field.short_name for field in form if _bare(field)]
        found += [f"{kind.__name__}.{name} has no label" for name in bare]
    return found


def _bare(field: Field) -> bool:
    is_unseen = isinstance(field, HiddenField) or field.short_name == "csrf_token"
    return not is_unseen and str(field.label.text).isascii()


def test_each_field_has_a_label_of_ours(app: Flask) -> None:
    with app.test_request_context("/"):
        kinds = forms()
        assert len(kinds) > 20
        nothing(faults_of(kinds))


def test_the_check_sees_a_field_without_label(app: Flask) -> None:
    from wtforms import Form

    class MuteForm(Form):
        lines = FieldList(SubmitField())

    with app.test_request_context("/"):
        assert faults_of([MuteForm]) == [
            "MuteForm does not use our words for the messages of WTForms",
            "MuteForm.lines has no label",
        ]
