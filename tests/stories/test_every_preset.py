"""No preset is a copy of the demo: for each there is a story that comes out otherwise by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import only_on
from timebank.db import Database
from timebank.demo.player import play_story, read_story
from timebank.policy.presets import preset_codes

HERE = Path(__file__).parent
STORIES = {
    "seed_wuhan": "s36_two_steps_to_sign_in",
    "guangzhou_2019": "s34_whole_hours",
    "nanjing_2019": "s36_two_steps_to_sign_in",
    "beijing_2022": "s36_two_steps_to_sign_in",
    "shanghai_2026": "s36_two_steps_to_sign_in",
    "changning": "s35_two_coins_a_day",
    "qingdao_2020": "s36_two_steps_to_sign_in",
}


def faults(database: Database, name: str, preset: str) -> list[str]:
    story = read_story(HERE / f"{name}.yaml")
    played = play_story(database, replace(story, sections=story.sections | {"preset": preset}))
    return [fault for step in played for fault in step.faults]


def test_every_preset_but_the_demo_has_its_story() -> None:
    assert {*STORIES, "demo"} == set(preset_codes())


@only_on("sqlite")
@pytest.mark.parametrize(("preset", "name"), STORIES.items())
def test_the_story_comes_out_by_its_preset(
    fresh_database: Database, preset: str, name: str
) -> None:
    assert not faults(fresh_database, name, preset)


@only_on("sqlite")
@pytest.mark.parametrize("name", sorted(set(STORIES.values())))
def test_the_story_comes_out_otherwise_by_the_demo(fresh_database: Database, name: str) -> None:
    assert faults(fresh_database, name, "demo")
