"""The parser of rules refuses unknown nodes, wrong types, and rules that are too large."""

import hashlib

import pytest

from tests.factories.policy import demo_rule
from timebank.errors import BadInput
from timebank.policy.rules import canonical, parse_rule, rule_hash
from timebank.policy.rules.tree import DEPTH_MAX, NODES_MAX

ALONE = {"op": "is", "fact": "person.lives_alone", "value": True}
PIECES = "household.pieces_taken"
MONTH = {"kind": "calendar_month"}


def why(tree):
    with pytest.raises(BadInput) as refused:
        parse_rule(tree)
    assert refused.value.facts["field"] == "rule"
    return refused.value.facts["why"]


def nested(depth):
    tree = ALONE
    for _ in range(depth - 1):
        tree = {"op": "all", "of": [tree]}
    return tree


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "eval", "of": []},
        {"op": "matches", "fact": "household.housing", "value": ".*"},
        {**ALONE, "unless": "friend"},
        {"op": "all"},
        {"op": "at_least", "fact": "person.age_years", "value": 60.5},
        {"op": "at_least", "fact": "person.age_years", "value": "60"},
        {"op": "at_least", "fact": "person.age_years", "value": True},
        {"op": "at_least", "fact": "person.age_years", "value": -1},
        {"op": "at_least", "fact": "person.age_years", "value": 2**53},
        {"op": "at_least", "fact": "person.age_years", "value": {"parameter": "a", "times": 2}},
        {"op": "fewer_than", "fact": PIECES, "pieces": 1, "window": {"kind": "for_ever"}},
        {"fact": "person.lives_alone"},
        "not json",
        "[]",
        b"\xff",
        {"op": "is", "fact": "person.lives_alone", "value": object()},
    ],
)
def test_what_is_not_in_the_closed_vocabulary_is_refused(tree):
    assert why(tree) == "shape"


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"op": "all", "of": []}, "empty_group"),
        ({"op": "at_least_of", "n": 0, "of": [ALONE]}, "n_out_of_range"),
        ({"op": "at_least_of", "n": 2, "of": [ALONE]}, "n_out_of_range"),
        ({**ALONE, "fact": "person.faith"}, "unknown_fact"),
        ({**ALONE, "value": 1}, "value_does_not_fit_fact"),
        ({**ALONE, "fact": "household.area"}, "test_does_not_fit_fact"),
        ({"op": "at_least", "fact": "household.housing", "value": 1}, "test_does_not_fit_fact"),
        ({"op": "is", "fact": "household.housing", "value": "castle"}, "unknown_choice"),
        ({"op": "is_one_of", "fact": "household.housing", "values": ["tent"]}, "unknown_choice"),
        ({"op": "is_one_of", "fact": "household.housing", "values": []}, "empty_or_double"),
        (
            {"op": "between", "fact": "household.size", "least": 4, "most": 3},
            "ends_swapped",
        ),
        (
            {"op": "before", "fact": "household.lives_here_since_on", "day": "2025-02-30"},
            "bad_day",
        ),
        ({"op": "before", "fact": "household.lives_here_since_on", "day": "20250101"}, "bad_day"),
        (
            {"op": "has_document", "fact": "household.documents", "kinds": ["dibao", "dibao"]},
            "empty_or_double",
        ),
        (
            {"op": "has_document", "fact": "household.documents", "kinds": ["passport"]},
            "unknown_choice",
        ),
        ({"op": "within_area", "fact": "household.area", "area": ""}, "empty_area"),
        (
            {"op": "at_least", "fact": "household.size", "value": {"parameter": "no.such"}},
            "unknown_parameter",
        ),
        (
            {
                "op": "at_least", "fact": "household.size",
                "value": {"parameter": "goods.near_expiry"},
            },
            "unknown_parameter",
        ),
        (
            {
                "op": "at_least", "fact": "household.size",
                "value": {"parameter": "aid.household_pieces_max"},
            },
            "unit_does_not_fit_fact",
        ),
        (
            {
                "op": "fewer_than", "fact": PIECES, "pieces": 1,
                "window": {"kind": "rolling_days", "length": {"parameter": "aid.window_months"}},
            },
            "unit_does_not_fit_fact",
        ),
        (
            {
                "op": "fewer_than", "fact": PIECES, "pieces": 1,
                "window": {"kind": "rolling_days", "length": 0},
            },
            "bad_window",
        ),
        (
            {"op": "fewer_than", "fact": PIECES, "pieces": 1, "window": {**MONTH, "length": 2}},
            "bad_window",
        ),
    ],
)  # fmt: skip
def test_what_the_facts_cannot_answer_is_refused_with_why(tree, wanted):
    assert why(tree) == wanted


def test_the_refusal_says_where_in_the_tree():
    with pytest.raises(BadInput) as refused:
        parse_rule({"op": "all", "of": [ALONE, {"op": "any", "of": [{**ALONE, "value": 3}]}]})
    assert refused.value.facts["where"] == "rule.of.1.of.0"


def test_six_levels_are_read_and_seven_are_not():
    assert parse_rule(nested(DEPTH_MAX))
    assert why(nested(DEPTH_MAX + 1)) == "too_deep"


def test_a_hundred_nodes_are_read_and_one_more_is_not():
    assert parse_rule({"op": "all", "of": [ALONE] * (NODES_MAX - 1)})
    assert why({"op": "all", "of": [ALONE] * NODES_MAX}) == "too_many_nodes"


def test_a_bottomless_or_endless_text_is_refused_and_does_no_harm():
    assert why('{"op":"all","of":[' * 2000) == "shape"
    assert why('{"op":"all","of":[' * 30000) == "too_long"


def test_the_order_of_keys_and_spaces_do_not_change_the_hash():
    one = parse_rule('{"op": "is", "fact": "person.lives_alone", "value": true}')
    other = parse_rule('{"value":true,"fact":"person.lives_alone","op":"is"}')
    assert one == other
    assert one.hash == other.hash == hashlib.sha256(canonical(one)).hexdigest()
    assert rule_hash(one) != rule_hash(parse_rule({**ALONE, "value": False}))


def test_the_hash_of_the_demo_rule_does_not_drift():
    written = canonical(demo_rule())
    assert written.startswith(b'{"of":[{"day":"today","fact":"household.documents"')
    assert demo_rule().hash.startswith("091993b4285ee1d2")
    assert demo_rule().parameter_keys == {"aid.household_pieces_max", "aid.window_months"}
    assert demo_rule().fact_keys == {
        "household.area",
        "household.documents",
        "household.pieces_taken",
    }
