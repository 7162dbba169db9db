"""A rule of who may take something, as sentences that everybody understands."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from timebank.policy.rules import DOCUMENTS, FACTS, Parameters, Rule
from web.formats import own_name
from web.reader import gettext as _
from web.reader import language
from web.settings.values import with_unit

Node = Mapping[str, Any]


def rule_lines(rule: Rule, parameters: Parameters) -> list[str]:
    """What a household must have or be, one sentence each; all of them hold."""
    root = msgspec.json.decode(rule.body)
    nodes = root["of"] if root["op"] == "all" else [root]
    return [_node(node, parameters) for node in nodes]


def _node(node: Node, parameters: Parameters) -> str:
    if "of" in node:
        return _group(node, parameters)
    text, values = _test(node, parameters)
    return text % values


def _test(node: Node, parameters: Parameters) -> tuple[str, dict[str, str]]:
    """The sentence of one test, and what stands in it."""
    op = node["op"]
    if op == "has_document":
        kinds = (own_name(DOCUMENTS[kind], language(), "label") for kind in node["kinds"])
        return _("有这些证明里的一种，而且还有效：%(kinds)s"), {"kinds": _("、").join(kinds)}
    if op == "within_area":
        return _("住在本社区"), {}
    if op == "fewer_than":
        pieces = with_unit(_number(node["pieces"], parameters), "pieces")
        window = _window(node["window"], parameters)
        return _("%(window)s里领的还没有满 %(pieces)s"), {"window": window, "pieces": pieces}
    if op == "is_one_of":
        return _("%(fact)s：%(value)s"), {
            "fact": _fact(node),
            "value": _("、").join(node["values"]),
        }
    if op in ("before", "after"):
        text = _("%(fact)s早于 %(day)s") if op == "before" else _("%(fact)s晚于 %(day)s")
        return text, {"fact": _fact(node), "day": _day(node)}
    names = [name for name in ("value", "least", "most") if name in node]
    values = {name: _value(node[name], parameters) for name in names}
    return _comparison(op), values | {"fact": _fact(node)}


def _comparison(op: str) -> str:
    words = {
        "is": _("%(fact)s：%(value)s"),
        "at_least": _("%(fact)s不少于 %(value)s"),
        "at_most": _("%(fact)s不多于 %(value)s"),
        "between": _("%(fact)s在 %(least)s 到 %(most)s 之间"),
    }
    return words[op]


def _group(node: Node, parameters: Parameters) -> str:
    parts = _("；").join(_parts(node, parameters))
    words = {
        "all": _("下面每一条都要：%(parts)s", parts=parts),
        "any": _("下面至少一条：%(parts)s", parts=parts),
        "none": _("下面一条也没有：%(parts)s", parts=parts),
        "at_least_of": _("下面至少 %(count)s 条：%(parts)s", count=node.get("n"), parts=parts),
    }
    return words[node["op"]]


def _parts(node: Node, parameters: Parameters) -> Iterator[str]:
    return (_node(part, parameters) for part in node["of"])


def _fact(node: Node) -> str:
    fact = FACTS.get(node.get("fact", ""))
    return "" if fact is None else own_name(fact, language(), "label")


def _window(window: Node, parameters: Parameters) -> str:
    length = _number(window.get("length", 1), parameters)
    if window["kind"] == "calendar_month":
        return _("一个月")
    return with_unit(length, "days" if window["kind"] == "rolling_days" else "months")


def _number(number: Any, parameters: Parameters) -> int:
    return parameters.whole(number["parameter"]) if isinstance(number, Mapping) else int(number)


def _value(value: Any, parameters: Parameters) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return value if isinstance(value, str) else str(_number(value, parameters))


def _day(node: Node) -> str:
    day = node.get("day", "today")
    return _("今天") if day == "today" else str(day)
