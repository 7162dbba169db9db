"""Three outcomes: unknown never becomes yes or no by accident."""

from datetime import date
from itertools import product

import pytest

from tests.factories.policy import demo_parameters, make_paper
from timebank.policy.rules import Entry, Known, Papers, evaluate, parse_rule
from timebank.policy.rules.judge import Case, judge

ON = date(2025, 6, 10)
ALONE = {"op": "is", "fact": "person.lives_alone", "value": True}
HERE = {"op": "is", "fact": "household.registered_here", "value": True}
OLD = {"op": "at_least", "fact": "person.age_years", "value": 60}
VALUES = {"yes": True, "no": False, "unknown": None}


def outcome(tree, on=ON, **facts):
    """Judge a tree on facts given by the last part of their key; None is unknown."""
    keys = {key.split(".")[1]: key for key in parse_rule(tree).fact_keys}
    known = {keys[name]: Known(value) for name, value in facts.items() if value is not None}
    return judge(parse_rule(tree).root, Case(known, demo_parameters(), on)).outcome


@pytest.mark.parametrize(
    ("op", "table"),
    [
        ("all", {"yes yes": "yes", "yes unknown": "unknown", "no unknown": "no", "no yes": "no"}),
        ("any", {"no no": "no", "no unknown": "unknown", "yes unknown": "yes", "yes no": "yes"}),
        ("none", {"no no": "yes", "no unknown": "unknown", "yes unknown": "no", "yes no": "no"}),
    ],
)
def test_a_group_knows_as_much_as_its_parts_tell(op, table):
    for parts, wanted in table.items():
        first, second = parts.split()
        for one, other in ((first, second), (second, first)):
            told = {"lives_alone": VALUES[one], "registered_here": VALUES[other]}
            assert outcome({"op": op, "of": [ALONE, HERE]}, **told) == wanted, parts


def test_at_least_two_of_three_counts_what_may_still_become_yes():
    tree = {"op": "at_least_of", "n": 2, "of": [ALONE, HERE, OLD]}
    for alone, here, old in product(VALUES, repeat=3):
        parts = [alone, here, old]
        age = {"yes": 60, "no": 59, "unknown": None}[old]
        got = outcome(tree, lives_alone=VALUES[alone], registered_here=VALUES[here], age_years=age)
        if parts.count("yes") >= 2:
            assert got == "yes"
        elif parts.count("no") >= 2:
            assert got == "no"
        else:
            assert got == "unknown"


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ({"op": "at_least", "fact": "person.age_years", "value": 60}, [60, 61], [59, 0]),
        ({"op": "at_most", "fact": "household.size", "value": 3}, [3, 0], [4]),
        ({"op": "between", "fact": "household.size", "least": 2, "most": 4}, [2, 3, 4], [1, 5]),
        ({"op": "is", "fact": "household.size", "value": 3}, [3], [2, 4]),
        ({"op": "is", "fact": "household.housing", "value": "rented"}, ["rented"], ["own"]),
        (
            {"op": "is_one_of", "fact": "household.housing", "values": ["none", "rented"]},
            ["none", "rented"],
            ["own", "low_rent"],
        ),
        (
            {"op": "before", "fact": "household.lives_here_since_on", "day": "2025-01-01"},
            [date(2024, 12, 31)],
            [date(2025, 1, 1), date(2025, 1, 2)],
        ),
        (
            {"op": "before", "fact": "household.lives_here_since_on"},
            [date(2025, 6, 9)],
            [ON],
        ),
        (
            {"op": "after", "fact": "household.lives_here_since_on", "day": "2025-01-01"},
            [date(2025, 1, 2)],
            [date(2025, 1, 1), date(2024, 12, 31)],
        ),
        (
            {"op": "within_area", "fact": "household.area", "area": "grid:3"},
            [("community", "grid:3", "building:27")],
            [(), ("community", "grid:4")],
        ),
    ],
)
def test_each_test_says_yes_up_to_its_limit_and_no_beyond(test, yes, no):
    (name,) = (key.split(".")[1] for key in parse_rule(test).fact_keys)
    assert {outcome(test, **{name: value}) for value in yes} == {"yes"}
    assert {outcome(test, **{name: value}) for value in no} == {"no"}
    assert outcome(test, **{name: None}) == "unknown"


def test_a_number_may_come_from_a_parameter():
    cap = {"parameter": "aid.household_pieces_max"}
    window = {"kind": "rolling_months", "length": {"parameter": "aid.window_months"}}
    tree = {
        "op": "fewer_than", "fact": "household.pieces_taken", "pieces": cap, "window": window,
    }  # fmt: skip
    assert outcome(tree, pieces_taken=(Entry(ON, 19),)) == "yes"
    assert outcome(tree, pieces_taken=(Entry(ON, 20),)) == "no"
    assert outcome(tree, pieces_taken=(Entry(date(2024, 6, 10), 20),)) == "yes"


DIBAO = {"op": "has_document", "fact": "household.documents", "kinds": ["dibao", "tekun"]}


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (date(2024, 12, 31), "no"),
        (date(2025, 1, 1), "yes"),
        (date(2025, 12, 31), "yes"),
        (date(2026, 1, 1), "no"),
    ],
)
def test_a_paper_counts_from_its_first_to_its_last_day(on, wanted):
    assert outcome(DIBAO, on, documents=Papers((make_paper(),))) == wanted


def test_a_paper_may_be_asked_for_on_another_day_than_today():
    tree = {**DIBAO, "day": "2024-12-31"}
    assert outcome(tree, documents=Papers((make_paper(),))) == "no"


def test_a_paper_without_a_last_day_stands():
    paper = make_paper(valid_until_on=None)
    assert outcome(DIBAO, date(2099, 1, 1), documents=Papers((paper,))) == "yes"


def test_a_paper_not_yet_shown_is_unknown_and_another_kind_is_not_enough():
    assert outcome(DIBAO, documents=Papers((), ("dibao",))) == "unknown"
    assert outcome(DIBAO, documents=Papers((), ("disability_card",))) == "no"
    assert outcome(DIBAO, documents=Papers((make_paper(),), ("tekun",))) == "yes"


def test_the_trace_tells_value_source_and_limit_of_each_leaf():
    facts = {"person.age_years": Known(59, "people", "id card")}
    trace = judge(
        parse_rule({"op": "any", "of": [OLD, ALONE]}).root, Case(facts, demo_parameters(), ON)
    )
    old, alone = trace.of
    assert (trace.outcome, old.outcome, alone.outcome) == ("unknown", "no", "unknown")
    assert (old.shown, old.source, old.evidence) == ({"saw": 59, "value": 60}, "people", "id card")


@pytest.mark.parametrize("wrong", ["59", 59.0, True, -1, None, date(2000, 1, 1), [59]])
def test_a_fact_of_a_wrong_shape_is_our_fault_and_never_a_refusal(wrong):
    answer = evaluate(parse_rule(OLD), {"person.age_years": Known(wrong)}, demo_parameters(), on=ON)
    assert answer.kind == "needs_review"
    assert answer.reasons[0].facts == {"why": "FactOutOfShape"}


def test_a_parameter_that_nobody_set_is_our_fault_and_never_a_refusal():
    tree = {
        "op": "fewer_than", "fact": "household.pieces_taken",
        "pieces": {"parameter": "aid.household_pieces_max"}, "window": {"kind": "calendar_month"},
    }  # fmt: skip
    before_all = demo_parameters(date(2020, 1, 1))
    facts = {"household.pieces_taken": Known(())}
    answer = evaluate(parse_rule(tree), facts, before_all, on=ON)
    assert answer.kind == "needs_review"
    assert answer.reasons[0].facts == {"why": "MissingParameter"}
