"""The text of a refusal: with all its facts, with none, in both languages."""

import ast
import re
from typing import TypeGuard

import pytest

from tests.house.sources import nothing, sources
from timebank.errors import every_refusal, refusal_of
from web import words

# A refusal may have all of these facts or none.
FACTS = {
    "available": 3,
    "days_min": 10,
    "field": "lines.2.best_before_on",
    "held": 2,
    "kind": "item",
    "last_on": "2025-06-20",
    "missing": ["dibao", "id_card", "unheard_of"],
    "next_on": "2025-06-20",
    "other_started_at": "2025-06-10T01:00:00+00:00",
    "over_by": 30,
    "short_by": 30,
    "since_at": "2025-06-10T01:00:00+00:00",
    "state": "issued",
    "until_at": "2025-06-10T01:05:00+00:00",
    "until_on": "2025-07-20",
    "valid_until_on": "2025-05-31",
    "why": "range",
}
CODES = ["REFUSED", *(kind.code for kind in every_refusal())]
NEVER = re.compile("银行|交易|购买|提现|利息|救助|受助|失败|错误|非法|禁止|拒绝")


@pytest.fixture(params=["zh", "en"])
def lang(request, app):
    with app.test_request_context("/", headers={"Cookie": f"language={request.param}"}):
        app.preprocess_request()
        yield request.param


def faults_of(code: str, facts: dict[str, object], lang: str) -> list[str]:
    """What is wrong with the sentence of one refusal."""
    told = words.told(refusal_of(code, facts))
    said = f"{told.heading} {told.sentence}"
    found = [part for part in ("%(", "None", "T01:00", "救助") if part in said]
    found += NEVER.findall(said)
    if not (told.heading and told.why[-1:] in "。！." and told.advice[-1:] in "。！.!"):
        found.append("no whole sentence")
    if bool(re.search(r"[一-鿿]", said)) != (lang == "zh"):
        found.append("the other language")
    return [f"{code}: {fault}: {said}" for fault in found]


@pytest.mark.parametrize("facts", [FACTS, {}], ids=["all facts", "no facts"])
def test_every_refusal_speaks_whole_kind_sentences(lang, facts):
    assert not [fault for code in CODES for fault in faults_of(code, facts, lang)]


def test_facts_are_told_as_people_say_them(lang):
    told = dict(words.spoken_facts(FACTS | {"cap_minutes": 90, "value_fen": 1200}))
    wanted = {
        "zh": ("2025年6月20日", "6月10日 09:00", "1 小时 30 分", "12.00 元", "保质期至"),
        "en": ("20 Jun 2025", "10 Jun 09:00", "1 h 30 min", "12.00 yuan", "Best before"),
    }[lang]
    names = ("next_on", "since_at", "cap_minutes", "value_fen", "field")
    assert tuple(told[name] for name in names) == wanted


def test_papers_are_named_and_the_unknown_is_asked_for_all_the_same(lang):
    told = words.sentence(refusal_of("NEEDS_INFORMATION", {"missing": ["dibao", "x", "y"]}))
    english = "subsistence allowance certificate, the papers"
    wanted = {"zh": "低保证、有关证明材料", "en": english}[lang]
    assert wanted in told


def test_a_fact_for_machines_is_not_told(lang):
    told = dict(words.spoken_facts({"person_id": None, "state": "x_y", "lines": [1]}))
    assert told == {}


def test_every_status_has_words(lang):
    for status in (400, 403, 404, 405, 409, 413, 418, 422, 429, 500, 502, 503):
        assert words.of_status(status).heading


# Only programs and rule drafts meet the refusals of these, which name fields in English.
OF_PROGRAMS = ("config.py", "ledger/", "policy/", "sealing/", "kiosks/wire/")


def named_in_refusals(part: str) -> dict[str, str]:
    """What ``BadInput`` says of a field, or why, in the subjects that people meet."""
    named = {}
    for source in sources("timebank"):
        path = source.path.removeprefix("timebank/")
        if path.startswith(OF_PROGRAMS):
            continue
        for call in (node for node in source.nodes if _refuses_input(node)):
            for keyword in (one for one in call.keywords if one.arg == part):
                for text in _texts(keyword.value):
                    named[text.rsplit(".", 1)[-1]] = f"{path}:{call.lineno}"
    return named


def _refuses_input(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadInput"


def _texts(value: ast.expr) -> list[str]:
    """The texts that an expression may be; of ``f"lines.{number}.pieces"`` its end."""
    if isinstance(value, ast.IfExp):
        return [*_texts(value.body), *_texts(value.orelse)]
    if isinstance(value, ast.JoinedStr):
        return _texts(value.values[-1])
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return [value.value] if is_text else []


def test_every_field_and_reason_of_a_refused_input_has_a_word(app):
    with app.test_request_context("/"):
        shared, own = words.common, words.gathered()
        assert len(named_in_refusals("field")) > 50
        nothing(unnamed("field", {*shared.FIELDS, *own.fields}))
        nothing(unnamed("why", {*shared.WHYS, *own.whys}))
        assert unnamed("why", {*own.whys}), "the check sees what has no word"
        assert not set(shared.WHYS) & set(own.whys), "a word of a subject would never be said"


def unnamed(part, known):
    return [
        f"{where}: {name}" for name, where in named_in_refusals(part).items() if name not in known
    ]
