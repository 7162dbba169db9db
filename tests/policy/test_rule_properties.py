"""Properties of every rule and every household."""

from datetime import date, timedelta
from itertools import combinations, product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.factories.policy import demo_parameters
from tests.policy.strategies import (
    AREAS,
    BAD_FACTS,
    DAYS,
    ON,
    PLAIN_TREES,
    TIMED_TREES,
    TREES,
    WHOLE_FACTS,
    WINDOWS,
    forgotten,
    keys_of,
)
from timebank.policy.rules import (
    DOCUMENTS,
    FACTS,
    Entry,
    Known,
    Paper,
    Papers,
    canonical,
    evaluate,
    facts_from_json,
    facts_to_json,
    is_same_answer,
    parse_rule,
    rule_hash,
)
from timebank.policy.rules.facts import choice_codes

PARAMETERS = demo_parameters()
# Most random households are decided at once, so these tests filter for the others.
SIFTED = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
SETTLED = ("eligible", "not_eligible")


def ask(tree, facts, *, on=ON, asked=1):
    return evaluate(parse_rule(tree), facts, PARAMETERS, on=on, asked=asked)


@given(TREES, BAD_FACTS, st.dates(), st.integers(1, 30))
def test_every_rule_answers_every_household_on_every_day(tree, facts, on, asked):
    answer = ask(tree, facts, on=on, asked=asked)
    assert answer.kind in (*SETTLED, "needs_information", "needs_review")
    assert answer.kind == "eligible" or answer.reasons


@given(TREES, WHOLE_FACTS)
def test_who_is_wholly_known_gets_a_settled_answer(tree, facts):
    assert ask(tree, facts).kind in SETTLED


@given(TREES, WHOLE_FACTS, st.data())
def test_knowing_more_never_turns_a_settled_answer(tree, facts, data):
    fewer = data.draw(forgotten(facts))
    before = ask(tree, fewer)
    if before.kind in SETTLED:
        assert ask(tree, facts).kind == before.kind


@given(TREES, WHOLE_FACTS, st.data())
def test_none_of_none_of_is_the_thing_itself(tree, facts, data):
    known = data.draw(forgotten(facts))
    twice = {"op": "none", "of": [{"op": "none", "of": [tree]}]}
    assert ask(twice, known).trace.outcome == ask(tree, known).trace.outcome


@given(TREES)
def test_a_rule_has_one_way_to_be_written(tree):
    rule = parse_rule(tree)
    again = parse_rule(canonical(rule))
    assert again == rule
    assert canonical(again) == canonical(rule) == rule.body
    assert rule_hash(again) == rule.hash


def favourable(fact_key):
    """Values on either side of every limit in the random rules."""
    fact = FACTS[fact_key]
    if fact.choices:
        return list(choice_codes(fact))
    if fact.kind == "day":
        return [date(2025, 4, 30) + timedelta(days=n) for n in range(95)]
    if fact.kind == "area":
        return [some for size in range(4) for some in combinations(AREAS, size)]
    if fact.kind == "entries":
        return [(), *((Entry(ON, pieces),) for pieces in (1, 2, 3, 4, 5, 6, 25))]
    return [True, False] if fact.kind == "yes_no" else list(range(8))


def supplied(missing, papers):
    """Every way to bring exactly what is asked for: one paper per line, and any value of a fact."""
    brought = [Paper(one.kinds[0], date(2000, 1, 1)) for one in missing if one.kinds]
    settled = {paper.kind for paper in brought} | {k for one in missing for k in one.without}
    keys = [one.fact for one in missing if not one.kinds and not one.without]
    for values in product(*map(favourable, keys)):
        facts = {key: Known(value) for key, value in zip(keys, values, strict=True)}
        if settled:
            unseen = tuple(kind for kind in papers.unseen if kind not in settled)
            facts["household.documents"] = Known(Papers((*papers.seen, *brought), unseen))
        yield facts


@SIFTED
@given(TREES, WHOLE_FACTS, st.data())
def test_bringing_exactly_what_is_named_can_make_it_eligible(tree, facts, data):
    known = data.draw(forgotten(facts))
    answer = ask(tree, known)
    assume(answer.kind == "needs_information")
    assume(sum(FACTS[one.fact].kind == "day" for one in answer.missing) <= 1)
    papers = known.get("household.documents", Known(Papers((), tuple(DOCUMENTS)))).value
    assert any(
        ask(tree, {**known, **facts}).kind == "eligible"
        for facts in supplied(answer.missing, papers)
    )


@SIFTED
@given(PLAIN_TREES, WHOLE_FACTS, st.data())
def test_no_smaller_set_would_do(tree, facts, data):
    known = data.draw(forgotten(facts))
    answer = ask(tree, known)
    assume(answer.kind == "needs_information")
    open_keys = sorted(parse_rule(tree).fact_keys - known.keys())
    assume(len(set(open_keys) & set(keys_of("day"))) == 0)
    for size in range(len(answer.missing)):
        for keys in combinations(open_keys, size):
            for values in product(*map(favourable, keys)):
                more = {key: Known(value) for key, value in zip(keys, values, strict=True)}
                assert ask(tree, {**known, **more}).kind != "eligible", keys


@SIFTED
@given(TIMED_TREES, WHOLE_FACTS, st.integers(1, 5))
def test_the_next_day_named_is_the_first_on_which_more_is_possible(tree, facts, asked):
    answer = ask(tree, facts, asked=asked)
    assume(answer.next_on is not None)

    def pieces_on(day):
        then = ask(tree, facts, on=day)
        return (then.remaining or 99) if then.kind == "eligible" else 0

    some_more = asked if pieces_on(answer.next_on) >= asked else answer.remaining + 1
    wanted = some_more if answer.kind == "eligible" else 1
    assert pieces_on(answer.next_on) >= wanted
    day = ON + timedelta(days=1)
    while day < answer.next_on:
        assert pieces_on(day) < wanted
        day += timedelta(days=1)


@SIFTED
@given(st.lists(WINDOWS, min_size=1, max_size=3), st.booleans(), WHOLE_FACTS, st.integers(1, 5))
def test_what_remains_may_be_taken_and_not_a_piece_more(windows, is_all, facts, asked):
    tree = {"op": "all" if is_all else "any", "of": windows}
    answer = ask(tree, facts, asked=asked)
    assume(answer.kind == "eligible")
    assert bool(answer.reasons) == (asked > answer.remaining)
    before = facts["household.pieces_taken"].value
    for pieces, wanted in ((answer.remaining - 1, "eligible"), (answer.remaining, "not_eligible")):
        after = {**facts, "household.pieces_taken": Known((*before, Entry(ON, pieces)))}
        assert ask(tree, after).kind == wanted


@given(TREES, st.one_of(WHOLE_FACTS, BAD_FACTS), DAYS, st.integers(1, 5))
def test_the_facts_as_written_down_give_the_same_answer(tree, facts, on, asked):
    rule = parse_rule(tree)
    stored = facts_from_json(facts_to_json(facts, rule.fact_keys))
    before = evaluate(rule, facts, PARAMETERS, on=on, asked=asked)
    assert is_same_answer(before, evaluate(rule, stored, PARAMETERS, on=on, asked=asked))
