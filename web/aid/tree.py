"""A decision of the rules as the tree that staff read."""

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from timebank.policy.rules import Trace, node_words
from web import formats
from web.reader import gettext, language
from web.reader import gettext as _


def tree_of(trace: Trace) -> SimpleNamespace:
    """A decision's trace as the tree that staff read, in green, red and grey."""
    text, values = node_words(trace, language())
    values = {name: _spoken(name, value) for name, value in values.items()}
    return SimpleNamespace(
        state=trace.outcome,
        text=gettext(text, **values) if values else gettext(text),
        note=_note(trace, values),
        children=[tree_of(part) for part in trace.of],
    )


def _spoken(name: str, value: Any) -> Any:
    is_day = name.endswith("_on") and isinstance(value, str) and value
    return formats.plain_day(date.fromisoformat(value), language()) if is_day else value


def _note(trace: Trace, facts: Mapping[str, Any]) -> str:
    if trace.op == "has_document" and trace.outcome == "yes":
        until = facts.get("until_on")
        return (
            _("%(kind)s · 至 %(until)s", kind=facts["kind"], until=until)
            if until
            else facts["kind"]
        )
    if trace.op == "fewer_than" and trace.remaining is not None:
        return _("还可领 %(count)s 件", count=trace.remaining)
    return ""
