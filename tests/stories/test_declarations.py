"""A subject brings verbs, checks and a section of the story file by declaring them."""

from pathlib import Path

import pytest

from timebank.db import Database
from timebank.demo.player import play_story, read_story, verbs_of
from timebank.stories.stage import Body, Stage
from timebank.stories.story import Story
from timebank.subject import Subject
from timebank.subjects import subjects
from timebank.values import By

STORY = """
wishes: {w1: a bicycle}
steps:
  - wish: {name: w2, for: a lamp}
    then: {wishes: 2}
  - check: {wishes: {w1: a bicycle, w2: a lamp}}
  - check: {wishes: {w1: a tricycle}}
"""


def _read_wishes(stage: Stage, story: Story) -> None:
    for name, wish in story.sections["wishes"].items():
        stage.remember("wish", name, wish)


def _wish(stage: Stage, by: By, body: Body) -> Body:
    stage.remember("wish", body["name"], body["for"])
    return {"wishes": len(stage.names["wish"])}


def _check_wishes(stage: Stage, wanted: Body) -> Body:
    return {name: stage.known("wish", name) for name in wanted}


WISHES = Subject(
    name="wishes",
    stands_on=("people",),
    settings=(_read_wishes,),
    verbs={"wish": _wish},
    checks={"wishes": _check_wishes},
)


def _write(folder: Path, text: str) -> Story:
    path = folder / "planted.yaml"
    path.write_text(text, "utf-8")
    return read_story(path)


def test_a_planted_subject_brings_a_section_a_verb_and_a_check(
    fresh_database: Database, tmp_path: Path
) -> None:
    story = _write(tmp_path, STORY)
    played = play_story(fresh_database, story, declared=(*subjects(), WISHES))
    assert [one.faults for one in played] == [
        (),
        (),
        ("wishes.w1: wanted a tricycle, found a bicycle",),
    ]


def test_without_the_subject_its_words_are_unknown(
    fresh_database: Database, tmp_path: Path
) -> None:
    story = _write(tmp_path, STORY)
    played = play_story(fresh_database, story, declared=subjects())
    assert [one.faults for one in played] == [
        ("there is no verb 'wish'",),
        ("there is no check 'wishes'",),
        ("there is no check 'wishes'",),
    ]


def test_a_name_that_nobody_gave_is_told_with_its_kind(
    fresh_database: Database, tmp_path: Path
) -> None:
    story = _write(tmp_path, "steps:\n  - check: {wishes: {w3: a kite}}\nwishes: {}\n")
    played = play_story(fresh_database, story, declared=(*subjects(), WISHES))
    assert played[0].faults == ("no wish is called 'w3'",)


@pytest.mark.parametrize("part", ["verbs", "checks"])
def test_two_subjects_with_one_name_are_refused(part: str) -> None:
    twin = Subject(name="twin", stands_on=(), **{part: {"wish": _wish, "wishes": _wish}})
    with pytest.raises(
        ValueError, match=rf"wishes and twin both declare 'wish(es)?' in their {part}"
    ):
        verbs_of((WISHES, twin))


def test_no_subject_takes_the_players_own_verb() -> None:
    rival = Subject(name="rival", stands_on=(), verbs={"check": _wish})
    with pytest.raises(ValueError, match="rival and the player both declare 'check'"):
        verbs_of((rival,))


def test_the_subjects_of_the_house_declare_each_verb_once() -> None:
    assert {"claim", "stock", "sign_day", "check"} <= verbs_of(subjects()).keys()
