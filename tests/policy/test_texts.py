"""Every test and every reason has its text, in Chinese and in English."""

import re
from datetime import date

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.policy import demo_parameters, demo_rule, make_facts, make_paper
from tests.house.sources import ROOT
from tests.policy.strategies import TREES, WHOLE_FACTS, forgotten
from timebank.errors import every_refusal, refusal_of
from timebank.policy.rules import (
    DOCUMENTS,
    FACTS,
    Reason,
    evaluate,
    node_words,
    parse_rule,
    reason_words,
)
from timebank.policy.rules.answer import _why_leaf
from timebank.policy.rules.judge import _JOINS, _JUDGES, Case, judge_leaf
from timebank.policy.rules.texts import REASONS, SENTENCE_WITHOUT_VALUE, SENTENCES, WINDOWS
from timebank.policy.rules.tree import op_of
from timebank.policy.rules.values import Entry, Known, Papers
from web import words

ON = date(2025, 6, 10)
CHINESE = re.compile(r"[\u3400-\u9fff]")
TEXTS = [*SENTENCES.values(), SENTENCE_WITHOUT_VALUE, *REASONS.values()]

# One failing test of each kind, so that its reason needs a text.
FAILING = {
    "is": ({"fact": "person.lives_alone", "value": True}, False),
    "is_one_of": ({"fact": "household.housing", "values": ["none"]}, "own"),
    "at_least": ({"fact": "person.age_years", "value": 60}, 59),
    "at_most": ({"fact": "household.size", "value": 3}, 4),
    "between": ({"fact": "household.size", "least": 2, "most": 3}, 4),
    "before": ({"fact": "household.lives_here_since_on"}, date(2025, 6, 11)),
    "after": ({"fact": "household.lives_here_since_on"}, date(2025, 6, 9)),
    "has_document": ({"fact": "household.documents", "kinds": ["dibao"]}, Papers()),
    "within_area": ({"fact": "household.area", "area": "community"}, ()),
    "fewer_than": (
        {
            "fact": "household.pieces_taken", "pieces": 1,
            "window": {"kind": "rolling_days", "length": 30},
        },
        (Entry(ON, 1),),
    ),
}  # fmt: skip


def rendered(words):
    text, told = words
    return text % told


def test_every_kind_of_node_has_a_sentence_and_every_test_a_reason():
    nodes = {op_of(kind) for kind in (*_JOINS, *_JUDGES)}
    tests = {op_of(kind) for kind in _JUDGES}
    assert nodes | {"fault"} == set(SENTENCES)
    assert tests == set(FAILING)
    assert tests <= set(REASONS)


@pytest.mark.parametrize("op", FAILING)
def test_the_reason_of_each_test_can_be_said_in_both_languages(op):
    tree, value = FAILING[op]
    rule = parse_rule({"op": op, **tree})
    facts = {tree["fact"]: Known(value)}
    case = Case(facts, demo_parameters(), ON)
    (leaf,) = rule.leaves
    reason = _why_leaf(leaf, judge_leaf(leaf, case), case)
    assert reason.text.startswith(op)
    for language in ("zh", "en"):
        assert "%(" not in rendered(reason_words(reason, language))


def test_words_of_a_reason_are_plain_to_a_neighbour():
    facts = make_facts(papers=[make_paper()], taken=[(date(2024, 6, 20), 20)])
    answer = evaluate(demo_rule(), facts, demo_parameters(), on=ON)
    assert (
        rendered(reason_words(answer.reasons[0], "zh"))
        == "12个月内您家已领20件，最多20件；从2025-06-20起可以再领。"
    )


def test_papers_to_bring_are_named_together_and_alternatives_with_or():
    answer = evaluate(
        demo_rule(), make_facts(unseen=["dibao", "tekun"], area=None), demo_parameters(), on=ON
    )
    text = rendered(reason_words(answer.reasons[0], "zh"))
    assert "低保证 或 特困人员证明" in text
    assert "；居住证明" in text
    _, told = reason_words(answer.reasons[0], "en")
    assert not CHINESE.search(told["papers"])


def test_a_paper_that_must_be_absent_is_asked_about_by_the_fact():
    holds = {"op": "has_document", "fact": "household.documents", "kinds": ["dibao"]}
    rule = parse_rule({"op": "none", "of": [holds]})
    answer = evaluate(rule, make_facts(unseen=["dibao"]), demo_parameters(), on=ON)
    assert "低保证" not in rendered(reason_words(answer.reasons[0], "zh"))


@given(TREES, WHOLE_FACTS, st.data(), st.sampled_from(["zh", "en"]))
def test_every_node_and_reason_of_every_rule_finds_its_words(tree, facts, data, language):
    known = data.draw(forgotten(facts))
    answer = evaluate(parse_rule(tree), known, demo_parameters(), on=ON)
    for reason in answer.reasons:
        check_told(reason_words(reason, language), language)
    open_nodes = [answer.trace]
    while open_nodes:
        node = open_nodes.pop()
        check_told(node_words(node, language), language)
        open_nodes += node.of


def check_told(words, language):
    text, told = words
    assert "%(" not in text % told
    if language == "en":
        shown = {name: told[name] for name in re.findall(r"%\((\w+)\)s", text)}
        assert not CHINESE.search(str(shown)), shown


def test_every_text_is_in_the_catalogue_of_english_with_the_same_places():
    path = ROOT / "web/translations/en/LC_MESSAGES/messages.po"
    with path.open("rb") as file:
        english = read_po(file, locale="en")
    for text in TEXTS:
        message = english.get(text)
        assert message is not None and message.string, text
        places = sorted(re.findall(r"%\((\w+)\)s", text))
        assert sorted(re.findall(r"%\((\w+)\)s", message.string)) == places, text


def test_labels_are_in_both_languages():
    choices = [choice for fact in FACTS.values() for choice in fact.choices]
    for named in (*FACTS.values(), *DOCUMENTS.values(), *choices):
        assert CHINESE.search(named.label_zh)
        assert not CHINESE.search(named.label_en)
    for fact in FACTS.values():
        assert CHINESE.search(fact.paper_zh) and not CHINESE.search(fact.paper_en)
    for zh, en in WINDOWS.values():
        assert CHINESE.search(zh) and not CHINESE.search(en)


def test_each_reason_code_that_words_exist_for_is_a_refusal():
    codes = {kind.code for kind in every_refusal()}
    assert {"NEEDS_REVIEW", "NEEDS_INFORMATION", "NOT_ELIGIBLE", "HOUSEHOLD_CAP"} <= codes
    review = Reason("NEEDS_REVIEW", "needs_review", {"why": "x"})
    assert "工作人员" in rendered(reason_words(review, "zh"))


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"unseen": ["dibao"], "area": None}, "低保证；居住证明"),
        ({"papers": [make_paper(valid_until_on=date(2025, 5, 31))]}, "5月31日"),
        ({"papers": [make_paper()], "taken": [(ON, 20)]}, "6月10日"),
        ({}, "暂时不能领"),
    ],
)
def test_a_page_can_say_the_refusal_that_each_answer_leads_to(facts, named):
    answer = evaluate(demo_rule(), make_facts(**facts), demo_parameters(), on=ON)
    reason = answer.reasons[0]
    assert named in words.told(refusal_of(reason.code, reason.facts)).why
