"""The demo preset is data: typed, with sources and golden cases, and loaded once."""

from datetime import date

import pytest

from tests.factories import make_by
from tests.factories.looks import audit_lines
from tests.factories.policy import LONG_AGO, demo_parameters, make_preset, rule_versions
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.people.rules import PROOF_KINDS
from timebank.policy.actions import load_preset
from timebank.policy.presets import (
    Preset,
    PresetParameter,
    _with_base,
    preset_codes,
    read_preset,
)
from timebank.policy.queries import active_rule, parameter_history
from timebank.policy.refusals import RuleOverlap
from timebank.policy.rules import DOCUMENTS, PARAMETERS, check_parameter, parse_rule
from timebank.policy.rules.bounds import check_bounds


@pytest.mark.parametrize("code", preset_codes())
def test_every_number_is_typed_and_has_its_unit_source_and_note(code):
    for one in read_preset(code).parameter:
        check_parameter(one.key, one.value)
        check_bounds(one.key, one.value)
        assert one.unit == PARAMETERS[one.key].unit
        assert one.source and one.note


def test_the_demo_preset_sets_every_parameter_there_is():
    assert [one.key for one in read_preset("demo").parameter] == list(PARAMETERS)


@pytest.mark.parametrize("code", sorted({*preset_codes()} - {"demo"}))
def test_a_preset_sets_what_the_demo_sets_but_for_its_open_sign_in(code):
    keys = [one.key for one in read_preset(code).parameter]
    assert keys == [key for key in PARAMETERS if key != "people.second_factor_roles"]
    assert read_preset(code).programme == read_preset("demo").programme


def test_what_a_preset_names_is_its_own_and_the_rest_is_the_demos():
    demo, changning = (
        {one.key: one for one in read_preset(code).parameter} for code in ("demo", "changning")
    )
    own = {key for key, one in changning.items() if one != demo[key]}
    assert own == {"hours.daily_cap_minutes", "hours.balance_cap_minutes"}


@pytest.mark.parametrize("other", [{"leaves_out": ("hours.idle",)}, {"parameter": ("hours.idle",)}])
def test_a_preset_may_not_name_what_its_base_does_not_set(other):
    own = {
        key: tuple(_setting(one) if key == "parameter" else one for one in keys)
        for key, keys in other.items()
    }
    with pytest.raises(ValueError, match=r"hours\.idle"):
        _with_base(Preset(code="odd", name_zh="", name_en="", **own), read_preset("demo"))


def _setting(key):
    return PresetParameter(key=key, value=1, unit="", source="s", note="n")


def test_every_golden_case_comes_out_as_confirmed():
    for programme in read_preset("demo").programme:
        rule = parse_rule(programme.rule)
        assert len(programme.golden) >= 7
        for case in programme.golden:
            assert case.got(rule, demo_parameters()) == case.wanted(), case.name


def test_a_rule_may_ask_for_every_paper_that_people_keep_and_no_other():
    assert set(DOCUMENTS) == set(PROOF_KINDS)


def test_loading_puts_the_rule_in_force_with_two_names_under_it(session, now, community_id):
    make_preset(session, now=now)
    version = active_rule(session, community_id, "goods_shelf", date(2024, 5, 1))
    assert version is not None
    assert (version.state, version.version_no, version.active_from_on) == ("active", 1, LONG_AGO)
    assert version.drafted_by == "preset:demo"
    assert version.approved_by not in (None, "preset:demo")
    assert active_rule(session, community_id, "goods_shelf", date(2022, 12, 31)) is None
    assert audit_lines(session, community_id, subject_kind="preset")


def test_loading_twice_from_one_day_is_refused(session, now):
    make_preset(session, now=now)
    with pytest.raises(BadInput):
        make_preset(session, now=now)


def test_loading_again_may_not_change_days_that_are_past(session, now):
    make_preset(session, now=now)
    with pytest.raises(RuleOverlap):
        make_preset(session, now=now, from_on=date(2025, 1, 1))


def test_loading_again_from_a_coming_day_ends_the_version_before(session, now, community_id):
    make_preset(session, now=now)
    make_preset(session, now=now, from_on=date(2025, 7, 1))
    newest, first = rule_versions(session, community_id, "goods_shelf")
    assert (newest.state, newest.active_from_on) == ("scheduled", date(2025, 7, 1))
    assert (first.state, first.active_until_on) == ("active", date(2025, 6, 30))


@pytest.mark.parametrize("roles", [(), ("keeper",), ("approver",), ("auditor",)])
def test_nobody_but_a_coordinator_loads_a_preset(session, now, roles):
    with pytest.raises(NotAllowed):
        make_preset(session, now=now, by=make_by(*roles))


def test_the_neighbour_loads_for_himself_only(session, now, by_neighbour, community_id):
    make_preset(session, now=now, by=by_neighbour)
    assert parameter_history(session, community_id) == ()
    assert rule_versions(session, community_id, "goods_shelf") == []


def test_an_unknown_preset_is_not_found(session, now, by_coordinator):
    with pytest.raises(NotFound):
        load_preset(Deed(session, by_coordinator, now, "r"), preset="../demo", from_on=LONG_AGO)


def test_the_same_request_loads_once(fresh_database, by_coordinator, community_id):
    told = [
        perform(
            fresh_database, load_preset, by=by_coordinator, request_id="once",
            preset="demo", from_on=LONG_AGO,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert told[0] == told[1]
    with fresh_database.reading() as session:
        assert len(rule_versions(session, community_id, "goods_shelf")) == 1
