"""The goods shelf of the demo preset: who may, why not, how many, from which day."""

from datetime import date

import pytest

from tests.factories.policy import demo_parameters, demo_rule, make_facts, make_paper
from timebank.errors import every_refusal
from timebank.policy.rules import Known, Missing, Papers, evaluate, parse_rule
from timebank.policy.rules.judge import Case, judge
from timebank.policy.rules.missing import JOINS_MAX, Search

ON = date(2025, 6, 12)
EIGHTEEN = ((date(2024, 6, 20), 5), (date(2025, 1, 8), 13))


def ask(*, on=ON, asked=1, **facts):
    return evaluate(demo_rule(), make_facts(**facts), demo_parameters(), on=on, asked=asked)


def test_a_holder_with_pieces_left_may_take():
    answer = ask(papers=[make_paper()], asked=3)
    assert (answer.kind, answer.remaining, answer.reasons) == ("eligible", 20, ())


def test_three_asked_with_two_left_is_two_and_the_reason_for_the_cut():
    answer = ask(papers=[make_paper()], taken=EIGHTEEN, asked=3)
    assert (answer.kind, answer.remaining, answer.next_on) == ("eligible", 2, date(2025, 6, 20))
    (cut,) = answer.reasons
    assert cut.code == "HOUSEHOLD_CAP"
    assert (cut.facts["used"], cut.facts["most"], cut.facts["asked"]) == (18, 20, 3)
    assert cut.facts["next_on"] == "2025-06-20"


def test_two_asked_with_two_left_need_no_reason():
    answer = ask(papers=[make_paper()], taken=EIGHTEEN, asked=2)
    assert (answer.kind, answer.remaining, answer.reasons) == ("eligible", 2, ())


def test_at_the_cap_the_next_day_is_the_first_anniversary():
    taken = (*EIGHTEEN, (ON, 2))
    answer = ask(papers=[make_paper()], taken=taken, on=date(2025, 6, 13))
    assert (answer.kind, answer.remaining) == ("not_eligible", 0)
    assert answer.next_on == date(2025, 6, 20)
    assert [reason.code for reason in answer.reasons] == ["HOUSEHOLD_CAP"]
    day_before = ask(papers=[make_paper()], taken=taken, on=date(2025, 6, 19))
    assert day_before.kind == "not_eligible"
    freed = ask(papers=[make_paper()], taken=taken, on=date(2025, 6, 20))
    assert (freed.kind, freed.remaining) == ("eligible", 5)


def test_a_household_far_over_the_cap_waits_until_enough_has_come_free():
    taken = ((date(2024, 7, 1), 3), (date(2024, 8, 1), 22))
    answer = ask(papers=[make_paper()], taken=taken)
    assert answer.next_on == date(2025, 8, 1)


def test_the_next_day_is_never_one_on_which_the_paper_has_ended():
    paper = make_paper(valid_until_on=date(2025, 6, 19))
    answer = ask(papers=[paper], taken=(*EIGHTEEN, (ON, 2)))
    assert (answer.kind, answer.next_on) == ("not_eligible", None)


def test_more_than_the_cap_can_never_be_had_at_once():
    answer = ask(papers=[make_paper()], asked=25)
    assert (answer.kind, answer.remaining, answer.next_on) == ("eligible", 20, None)
    assert answer.reasons[0].text == "fewer_than_ever"


def test_a_resident_without_any_paper_is_told_which_would_do():
    answer = ask()
    (reason,) = answer.reasons
    assert (answer.kind, reason.code) == ("not_eligible", "NOT_ELIGIBLE")
    assert "dibao" in reason.facts["kinds"]


def test_a_paper_that_ended_is_named_with_its_last_day():
    ended = make_paper(valid_until_on=date(2025, 5, 31))
    older = make_paper("tekun", valid_until_on=date(2025, 3, 1))
    answer = ask(papers=[older, ended])
    (reason,) = answer.reasons
    assert (answer.kind, reason.code) == ("not_eligible", "PROOF_EXPIRED")
    assert (reason.facts["kind"], reason.facts["ended_on"]) == ("dibao", "2025-05-31")


def test_a_paper_that_begins_later_gives_the_day():
    answer = ask(papers=[make_paper(valid_from_on=date(2025, 7, 1))])
    assert (answer.kind, answer.next_on) == ("not_eligible", date(2025, 7, 1))
    assert answer.reasons[0].facts["from_on"] == "2025-07-01"


def test_what_a_person_can_change_comes_first():
    ended = make_paper(valid_until_on=date(2025, 5, 31))
    answer = ask(papers=[ended], taken=(*EIGHTEEN, (ON, 2)), area=())
    codes = [reason.code for reason in answer.reasons]
    assert codes == ["PROOF_EXPIRED", "HOUSEHOLD_CAP", "NOT_ELIGIBLE"]


def test_the_nearest_way_is_advised_and_never_a_change_of_age():
    old = {"op": "at_least", "fact": "person.age_years", "value": 60}
    poor = {"op": "at_most", "fact": "household.income_per_head_fen", "value": 100_000}
    facts = {"person.age_years": Known(40), "household.income_per_head_fen": Known(100_001)}
    answer = evaluate(parse_rule({"op": "any", "of": [old, poor]}), facts, demo_parameters(), on=ON)
    told = [reason.facts["fact"] for reason in answer.reasons]
    assert told == ["household.income_per_head_fen"]


def test_two_of_three_failed_asks_for_the_one_repair_that_is_enough():
    tests = [
        {"op": "is", "fact": "person.lives_alone", "value": True},
        {"op": "is", "fact": "household.registered_here", "value": True},
        {"op": "is", "fact": "household.housing", "value": "rented"},
    ]
    facts = {
        "person.lives_alone": Known(False),
        "household.registered_here": Known(True),
        "household.housing": Known("own"),
    }
    rule = parse_rule({"op": "at_least_of", "n": 2, "of": tests})
    answer = evaluate(rule, facts, demo_parameters(), on=ON)
    assert [reason.facts["fact"] for reason in answer.reasons] == ["household.housing"]


def test_an_exclusion_says_which_fact_excludes():
    rule = parse_rule(
        {"op": "none", "of": [{"op": "is", "fact": "household.housing", "value": "own"}]}
    )
    answer = evaluate(rule, {"household.housing": Known("own")}, demo_parameters(), on=ON)
    assert [(r.text, r.facts) for r in answer.reasons] == [
        ("excluded", {"fact": "household.housing"})
    ]


def test_a_paper_said_to_exist_is_asked_for():
    answer = ask(unseen=["disability_card"])
    assert answer.kind == "needs_information"
    assert answer.missing == (Missing("household.documents", ("disability_card",)),)
    assert answer.missing[0].papers == (("残疾人证", "disability certificate"),)
    assert answer.reasons[0].facts == {
        "missing": [{"fact": "household.documents", "kinds": ["disability_card"], "without": []}]
    }


def test_all_that_is_missing_is_named_at_once_and_any_one_of_the_kinds_will_do():
    answer = ask(papers=None, area=None)
    documents, area = answer.missing
    assert set(documents.kinds) == {
        "dibao", "tekun", "dibao_marginal", "rigid_expense", "disability_card", "child_in_need",
        "special_approval",
    }  # fmt: skip
    assert area == Missing("household.area")


def test_nothing_is_asked_for_where_the_answer_is_no_anyway():
    assert ask(papers=None, area=()).kind == "not_eligible"


def test_the_cheapest_of_several_ways_is_asked_for():
    many = {
        "op": "all",
        "of": [
            {"op": "is", "fact": "person.lives_alone", "value": True},
            {"op": "is", "fact": "household.registered_here", "value": True},
        ],
    }
    one = {"op": "at_least", "fact": "person.age_years", "value": 80}
    rule = parse_rule({"op": "any", "of": [many, one]})
    answer = evaluate(rule, {}, demo_parameters(), on=ON)
    assert answer.missing == (Missing("person.age_years"),)


def test_a_paper_that_would_exclude_is_never_asked_for():
    holds = {"op": "has_document", "fact": "household.documents", "kinds": ["dibao"]}
    rule = parse_rule({"op": "none", "of": [holds]})
    answer = evaluate(rule, make_facts(unseen=["dibao"]), demo_parameters(), on=ON)
    assert answer.missing == (Missing("household.documents", (), ("dibao",)),)


def test_a_rule_that_contradicts_itself_goes_to_a_person():
    rule = parse_rule(
        {
            "op": "all",
            "of": [
                {"op": "at_least", "fact": "person.age_years", "value": 60},
                {"op": "at_most", "fact": "person.age_years", "value": 59},
            ],
        }
    )
    answer = evaluate(rule, {}, demo_parameters(), on=ON)
    assert answer.kind == "needs_review"
    assert answer.reasons[0].facts == {"why": "nothing_would_settle_it"}


def test_the_narrowest_of_two_windows_limits_what_may_be_taken():
    def at_most(pieces, kind):
        window = {"kind": kind, "length": 1 if kind == "calendar_month" else 12}
        fact = "household.pieces_taken"
        return {"op": "fewer_than", "fact": fact, "pieces": pieces, "window": window}

    month, year = at_most(4, "calendar_month"), at_most(20, "rolling_months")
    facts = make_facts(taken=[(date(2025, 6, 2), 3), (date(2025, 1, 1), 10)])
    both = parse_rule({"op": "all", "of": [month, year]})
    answer = evaluate(both, facts, demo_parameters(), on=ON, asked=2)
    assert (answer.remaining, answer.next_on) == (1, date(2025, 7, 1))
    assert answer.reasons[0].facts["window"] == "calendar_month"
    either = parse_rule({"op": "any", "of": [month, year]})
    assert evaluate(either, facts, demo_parameters(), on=ON).remaining == 7


@pytest.mark.parametrize("papers", [[], [make_paper(valid_until_on=date(2025, 5, 31))]])
def test_each_reason_is_a_refusal_that_an_action_can_raise(papers):
    codes = {kind.code for kind in every_refusal()}
    for facts in ({"papers": papers}, {"papers": None}, {"papers": [make_paper()], "area": ()}):
        for reason in ask(**facts).reasons:
            assert reason.code in codes


def test_a_reason_never_carries_the_value_of_a_private_fact():
    rule = parse_rule({"op": "at_most", "fact": "household.income_per_head_fen", "value": 100_000})
    facts = {"household.income_per_head_fen": Known(123_456)}
    (reason,) = evaluate(rule, facts, demo_parameters(), on=ON).reasons
    assert reason.facts == {"fact": "household.income_per_head_fen"}


def test_the_last_paper_in_hand_is_named_as_evidence():
    facts = {**make_facts(), "household.documents": Known(Papers((make_paper("tekun"),)), "people")}
    leaf = evaluate(demo_rule(), facts, demo_parameters(), on=ON).trace.of[0]
    assert (leaf.shown["kind"], leaf.shown["evidence"]) == ("tekun", "proof:1")


def test_even_a_rule_built_to_be_tangled_is_answered_with_papers_that_help():
    """A hundred tests over unknown facts: the search for missing facts stays bounded."""
    kinds = ["dibao", "tekun", "dibao_marginal", "rigid_expense", "disability_card"]
    tests = []
    for number in range(99):
        some = [kinds[number % 5], kinds[(number + 1 + number // 5 % 4) % 5]]
        age = {"op": "at_least", "fact": "person.age_years", "value": number}
        holds = {"op": "has_document", "fact": "household.documents", "kinds": some}
        tests.append(age if number % 3 else holds)
    rule = parse_rule({"op": "at_least_of", "n": 60, "of": tests})
    trace = judge(rule.root, case := Case({}, demo_parameters(), ON))
    search = Search(rule, case)
    assert search.ways(rule.root, trace, want=True)
    assert search.joins < 3 * JOINS_MAX
    answer = evaluate(rule, {}, demo_parameters(), on=ON)
    brought = tuple(make_paper(one.kinds[0]) for one in answer.missing if one.kinds)
    facts = {
        "person.age_years": Known(98),
        "household.documents": Known(Papers(brought)),
    }
    assert evaluate(rule, facts, demo_parameters(), on=ON).kind == "eligible"
