"""No parameter of the rules is idle: for each there is a story that it changes."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from timebank.db import Database
from timebank.demo.player import Story, play_story, read_story
from timebank.policy.presets import preset_codes, read_preset
from timebank.policy.rules import PARAMETERS, check_parameter

HERE = Path(__file__).parent
# Of each parameter, the story that comes out otherwise, and the other values that show it. The
# value is a whole one, or for a parameter with many words a change of one of them.
CHANGED = {
    "people.second_factor_roles": ("s31_rules_of_the_house", [["social_worker"]]),
    "hours.rounding_minutes": ("s01_time_deposit", [1, 60]),
    "hours.shortest_minutes": ("s01_time_deposit", [180]),
    "hours.daily_cap_minutes": ("s01_time_deposit", [600]),
    "hours.balance_cap_minutes": ("s32_full_books", [90]),
    "hours.recording_working_days": ("s02_hours_refused", [11]),
    "goods.food_days_left_min": ("s29_what_is_taken_in", [2, 10, [[0, 1], [5, 3]]]),
    "goods.pre_deposit_days": ("s07_pre_deposit", [13, 15]),
    "goods.near_expiry": ("s08_withdrawal", [[[0, 4]], [[0, 4], [365, 46]]]),
    "goods.condition_percents": ("s07_pre_deposit", [{"nine_tenths": 61}, {"eight_tenths": 41}]),
    "aid.household_pieces_max": ("s08_withdrawal", [19, 21]),
    "aid.window_months": ("s08_withdrawal", [11, 13]),
    "aid.hold_hours": ("s12_reservation", [71, 73]),
    "aid.no_show_max": ("s12_reservation", [2, 4]),
    "aid.no_show_months": ("s32_full_books", [13, 7]),
    "aid.booking_closed_days": ("s32_full_books", [29, 31]),
    "kiosks.upload_days_max": ("s31_rules_of_the_house", [30, 40]),
    "people.paper_months_max": ("s22_drawn_paper", [{"dibao": 200}, {"dibao": 3}, {"tekun": 3}]),
    "people.paper_ahead_days": ("s31_rules_of_the_house", [59, 61]),
    "people.openings_max": ("s31_rules_of_the_house", [{"approver": 2}, {"approver": 0}]),
    "people.picture_days": ("s31_rules_of_the_house", [89, 91]),
    "messages.keep_days": ("s48_messages", [364, 366]),
    "goods.refused_kinds": ("s29_what_is_taken_in", [["medicine"], ["smelly"], []]),
    "goods.acceptance": (
        "s29_what_is_taken_in",
        [
            {"food": {"label_readable": True}},
            {"electrical": {"safety_mark": True}},
            {"clothes": {"worst_condition_percent": 41, "washed": True, "needs_cleaning": True}},
            {"clothes": {"worst_condition_percent": 40, "needs_cleaning": True}},
            {"clothes": {"washed": True, "needs_cleaning": False}},
        ],
    ),
}
CASES = [
    pytest.param(key, story, value, id=f"{key}-{number}")
    for key, (story, values) in CHANGED.items()
    for number, value in enumerate(values)
]


def faults(database: Database, story: Story) -> list[str]:
    return [fault for one in play_story(database, story) for fault in one.faults]


def whole_value(key: str, change: object, story: Story) -> object:
    """The value with one of its words changed; what has no words is changed as a whole."""
    preset = story.sections.get("preset", "demo")
    usual = {one.key: one.value for one in read_preset(preset).parameter}[key]
    return usual | change if isinstance(usual, dict) and isinstance(change, dict) else change


def test_every_parameter_has_its_story() -> None:
    assert set(CHANGED) == set(PARAMETERS)


@pytest.mark.parametrize("code", preset_codes())
def test_every_parameter_of_a_preset_has_a_story_and_a_source(code: str) -> None:
    for one in read_preset(code).parameter:
        assert one.key in CHANGED and one.source.strip(), one.key


@pytest.mark.parametrize(("key", "name", "change"), CASES)
def test_a_story_comes_out_otherwise_by_another_value(
    fresh_database: Database, key: str, name: str, change: object
) -> None:
    """That it comes out as expected by the usual value is shown in ``test_stories``."""
    story = read_story(HERE / f"{name}.yaml")
    value = whole_value(key, change, story)
    check_parameter(key, value)
    others = deepcopy(story.sections.get("parameters", {}))
    assert others.get(key) != value
    sections = story.sections | {"parameters": others | {key: value}}
    assert faults(fresh_database, replace(story, sections=sections))
