"""Parameters are dated rows with a unit and a source; the past keeps its values."""

from datetime import date

import pytest

from tests.factories import make_by
from tests.factories.policy import LONG_AGO, demo_parameters, make_preset
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed
from timebank.policy.actions import set_parameter
from timebank.policy.queries import parameter_history, parameters_on
from timebank.policy.rules import PARAMETERS, MissingParameter, Parameters, check_parameter

CAP = "aid.household_pieces_max"


def set_cap(session, now, *, by, pieces=25, valid_from_on=date(2025, 7, 1), source="议事会"):
    return set_parameter(
        Deed(session, by, now, "r"),
        key=CAP,
        value=pieces,
        valid_from_on=valid_from_on,
        source=source,
    )


def test_a_new_row_counts_from_its_day_and_changes_no_day_before(
    session, now, by_coordinator, community_id
):
    make_preset(session, now=now)
    set_cap(session, now, by=by_coordinator)
    before = parameters_on(session, community_id, date(2025, 6, 30))
    after = parameters_on(session, community_id, date(2025, 7, 1))
    assert (before.whole(CAP), after.whole(CAP)) == (20, 25)
    assert after.row(CAP).source == "议事会"
    assert after.row(CAP).unit == "pieces"
    assert after.whole("aid.hold_hours") == 72


def test_one_reading_serves_every_day(session, now, by_coordinator, community_id):
    make_preset(session, now=now)
    set_cap(session, now, by=by_coordinator)
    rows = parameter_history(session, community_id)
    assert Parameters.of(rows, date(2025, 6, 30)).whole(CAP) == 20
    assert Parameters.of(rows, date(2025, 7, 1)).whole(CAP) == 25


def test_a_number_read_before_is_read_anew_once_another_is_set(
    session, now, by_coordinator, community_id
):
    make_preset(session, now=now)
    assert parameters_on(session, community_id, date(2025, 7, 1)).whole(CAP) == 20
    set_cap(session, now, by=by_coordinator)
    assert parameters_on(session, community_id, date(2025, 7, 1)).whole(CAP) == 25


def test_no_two_values_begin_on_one_day(session, now, by_coordinator):
    set_cap(session, now, by=by_coordinator)
    with pytest.raises(BadInput) as refused:
        set_cap(session, now, by=by_coordinator, pieces=30)
    assert refused.value.facts == {"field": "valid_from_on", "why": "taken"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": "  "}, "source"),
        ({"valid_from_on": date(2025, 6, 9)}, "valid_from_on"),
        ({"pieces": "25"}, "value"),
        ({"pieces": -1}, "value"),
        ({"pieces": True}, "value"),
    ],
)
def test_a_number_without_source_shape_or_future_is_refused(
    session, now, by_coordinator, changed, field
):
    with pytest.raises(BadInput) as refused:
        set_cap(session, now, by=by_coordinator, **changed)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("roles", [(), ("keeper",), ("approver",), ("auditor",)])
def test_nobody_but_a_coordinator_dates_a_number(session, now, roles):
    with pytest.raises(NotAllowed):
        set_cap(session, now, by=make_by(*roles))


def test_the_neighbours_numbers_are_their_own(session, now, by_neighbour, community_id):
    set_cap(session, now, by=by_neighbour)
    assert parameter_history(session, community_id) == ()


def test_a_number_that_nobody_set_is_a_fault_and_not_a_zero():
    with pytest.raises(MissingParameter):
        demo_parameters(date(2022, 12, 31)).whole(CAP)
    with pytest.raises(MissingParameter):
        demo_parameters().whole("goods.near_expiry")


@pytest.mark.parametrize(
    ("shelf_life", "days"),
    [
        (0, 4), (15, 4), (16, 5), (29, 5), (30, 10), (89, 10), (90, 15), (179, 15), (180, 20),
        (364, 20), (365, 45), (1095, 45),
    ],
)  # fmt: skip
def test_the_near_expiry_window_follows_the_shelf_life(shelf_life, days):
    assert demo_parameters().step("goods.near_expiry", shelf_life) == days


def test_tables_of_the_preset_can_be_read():
    parameters = demo_parameters()
    assert "medicine" in parameters.codes("goods.refused_kinds")
    assert parameters.percent("goods.condition_percents", "nine_tenths") == 60
    assert parameters.demands("goods.acceptance", "clothes")["needs_cleaning"] is True
    assert parameters.demands("goods.acceptance", "books") == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("goods.near_expiry", [[0, 4], [0, 5]]),
        ("goods.near_expiry", [[0]]),
        ("goods.near_expiry", []),
        ("goods.refused_kinds", ["a", ""]),
        ("goods.condition_percents", {"new": 101}),
        ("goods.acceptance", {"food": {"sealed": "yes"}}),
        ("goods.acceptance", ["food"]),
        ("people.openings_max", {"coordinator": -1}),
        ("people.openings_max", {"coordinator": "20"}),
        ("people.paper_months_max", ["dibao"]),
        ("no.such", 1),
    ],
)
def test_a_value_of_a_wrong_shape_is_refused(key, value):
    with pytest.raises(BadInput):
        check_parameter(key, value)


def test_every_parameter_has_a_name_in_both_languages():
    for key, kind in PARAMETERS.items():
        assert kind.key == key
        assert kind.label_zh and kind.label_en.isascii()
        assert kind.unit or kind.shape in ("codes", "by_kind")


def test_the_defaults_are_in_force_once_loaded(session, now, community_id):
    make_preset(session, now=now, from_on=LONG_AGO)
    parameters = parameters_on(session, community_id, date(2025, 6, 10))
    wanted = {
        "hours.rounding_minutes": 30, "hours.shortest_minutes": 30,
        "hours.daily_cap_minutes": 240, "hours.balance_cap_minutes": 90_000,
        "hours.recording_working_days": 10,
        "goods.pre_deposit_days": 14, "aid.household_pieces_max": 20, "aid.window_months": 12,
        "aid.hold_hours": 72, "aid.no_show_max": 3, "aid.no_show_months": 12,
        "aid.booking_closed_days": 30, "kiosks.upload_days_max": 31,
    }  # fmt: skip
    assert {key: parameters.whole(key) for key in wanted} == wanted
    least = {days: parameters.step("goods.food_days_left_min", days) for days in (5, 15, 16, 30)}
    assert least == {5: 1, 15: 2, 16: 5, 30: 10}


def test_a_guard_holds_where_a_community_has_set_no_value(session, now, by_coordinator):
    none_set = parameters_on(session, by_coordinator.community_id, date(2025, 6, 10))
    assert none_set.whole("people.paper_ahead_days") == 60
    assert none_set.counts("people.openings_max")["grid_worker"] == 15
    assert none_set.row("people.openings_max").source
    with pytest.raises(MissingParameter):
        none_set.whole(CAP)
    set_parameter(
        Deed(session, by_coordinator, now, "r"), key="people.openings_max",
        value={"grid_worker": 3}, valid_from_on=date(2025, 6, 10), source="议事会",
    )  # fmt: skip
    parameters = parameters_on(session, by_coordinator.community_id, date(2025, 6, 10))
    assert parameters.counts("people.openings_max") == {"grid_worker": 3}


def test_the_value_of_a_guard_is_that_of_the_preset(session, now, community_id):
    make_preset(session, now=now, from_on=LONG_AGO)
    loaded = parameters_on(session, community_id, date(2025, 6, 10))
    guards = {key: kind.unless_set for key, kind in PARAMETERS.items() if kind.unless_set}
    assert {key: loaded.row(key).value for key in guards} == guards
