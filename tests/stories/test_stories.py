"""Every worked scenario gives the expected result, on both engines, also when all is sent twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from timebank.db import Database
from timebank.demo.player import StoryFault, play_story, read_story, verbs_of
from timebank.subjects import subjects

STORIES = sorted(Path(__file__).parent.glob("*.yaml"))
DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_comes_out_as_told(fresh_database: Database, path: Path, twice: bool) -> None:
    played = play_story(fresh_database, read_story(path), twice=twice)
    assert [fault for one in played for fault in one.faults] == []


def test_a_story_told_otherwise_turns_red(fresh_database: Database) -> None:
    story = read_story(STORIES[0])
    last = story.steps[-1]
    told = {"hours": {"V01": {"balance": "16:30"}}}
    played = play_story(
        fresh_database, replace(story, steps=(*story.steps[:-1], replace(last, body=told)))
    )
    assert played[-1].faults == ("hours.V01.balance: wanted 16:30, found 16:00",)


def test_a_refusal_that_does_not_come_turns_red(fresh_database: Database) -> None:
    story = read_story(STORIES[0])
    first = replace(story.steps[0], refused="TIME_OVERLAP")
    played = play_story(fresh_database, replace(story, steps=(first,)))
    assert played[0].faults == ("wanted the refusal TIME_OVERLAP",)


def test_a_step_without_a_verb_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("steps:\n  - {by: V01}\n", "utf-8")
    with pytest.raises(StoryFault, match=r"odd.yaml, step 1: expected one verb"):
        read_story(path)


def test_each_verb_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    missing = [verb for verb in verbs_of(subjects()) if f"`{verb.replace('_', ' ')}`" not in text]
    assert missing == []
