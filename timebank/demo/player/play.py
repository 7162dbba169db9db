"""Play a story step by step. ``files.py`` plays files and prints the results.

The subjects declare the verbs, the checks, and what is prepared before the first step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

from timebank.db import Database
from timebank.demo.player.gathering import declared_by_name
from timebank.demo.player.reading import place_of, read_sections, read_step, shape_of
from timebank.errors import TimebankError
from timebank.founding.actions import found
from timebank.founding.files import read_file
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Shaped
from timebank.stories.stage import Body, Check, NotTheSame, Setting, Stage, Verb
from timebank.stories.story import Step, Story, differences
from timebank.subject import Subject
from timebank.subjects import subjects
from timebank.values import By, Role, local_day

COMMUNITY_CODE = "story"
_PLAN = Path(__file__).with_name("story.toml")
# The roles of the job that acts if a step names nobody of the cast.
FOUNDER_ROLES = ("coordinator", "keeper", "social_worker")


@dataclass(frozen=True, slots=True)
class Played:
    """The result of one step: the answer, and its differences from the story."""

    step: Step
    answer: str
    faults: tuple[str, ...] = ()


def play_story(
    database: Database,
    story: Story,
    *,
    twice: bool = False,
    declared: Iterable[Subject] | None = None,
) -> list[Played]:
    """Play a story on a fresh database; every step is played, even after faults.

    ``declared`` are the subjects that bring the verbs, by default all.
    """
    known = subjects() if declared is None else tuple(declared)
    verbs = verbs_of(known)
    story = read_sections(story, known)
    stage = _set_stage(database, story, twice=twice, declared=known)
    played = []
    for step in story.steps:
        try:
            played.append(_play_step(stage, step, verbs))
        except Exception as bug:
            bug.add_note(place_of(story, step))
            raise
    return played


def verbs_of(declared: Iterable[Subject]) -> dict[str, Verb]:
    """Collect the verbs of the subjects, and ``check``, which uses their checks."""
    known = tuple(declared)
    checks = declared_by_name("checks", known)
    shapes = {word: shape_of(function) for word, function in checks.items()}
    check = Shaped(partial(_check, checks=checks), Keyed(may=shapes, kind="check"))
    player = Subject(name="the player", stands_on=(), verbs={"check": check})
    return declared_by_name("verbs", (*known, player))


def _check(stage: Stage, by: By, body: Body, *, checks: Mapping[str, Check]) -> Body:
    """Read the state for each word of the body with its check."""
    return {word: checks[word](stage, wanted) for word, wanted in body.items()}


def _set_stage(
    database: Database, story: Story, *, twice: bool, declared: Iterable[Subject]
) -> Stage:
    """Create the community of a story, and let each subject prepare its part."""
    begins_at = story.begins_at.astimezone(UTC)
    database.clock = lambda: begins_at
    plan = read_file(_PLAN, today=local_day(begins_at), needs_staff=False)
    plan = replace(plan, preset=str(story.sections.get("preset", plan.preset)))
    founded = database.write(partial(found, plan=plan))
    founder = By(
        community_id=founded.community_id,
        client="job:story",
        channel="job",
        roles=frozenset(Role(name) for name in FOUNDER_ROLES),
    )
    stage = Stage(database=database, now=begins_at, founder=founder, founded=founded, twice=twice)
    database.clock = lambda: stage.now
    for subject in declared:
        for prepare in subject.settings:
            _prepare(prepare, stage, story)
    return stage


def _prepare(prepare: Setting, stage: Stage, story: Story) -> None:
    try:
        prepare(stage, story)
    except TimebankError as refusal:
        why = f"its community cannot be set up: {refusal}"
        raise StoryFault(f"{story.file}: {why}") from refusal
    except StoryFault as fault:
        raise StoryFault(f"{story.file}: {fault}") from fault


def _play_step(stage: Stage, step: Step, verbs: Mapping[str, Verb]) -> Played:
    if step.at is not None:
        stage.now = step.at.astimezone(UTC)
    try:
        step = read_step(step, verbs)
        answer = verbs[step.verb](stage, stage.who(step.by), step.body)
    except TimebankError as refusal:
        return Played(step, str(refusal), tuple(_refusal_faults(step, refusal)))
    except (StoryFault, NotTheSame) as fault:
        return Played(step, "", (str(fault),))
    if step.refused:
        return Played(step, str(answer), (f"wanted the refusal {step.refused}",))
    wanted = step.body if step.verb == "check" else step.then
    shown = step.body if step.verb == "check" else answer
    return Played(step, _short(shown), tuple(differences(wanted, answer)))


def _refusal_faults(step: Step, refusal: TimebankError) -> Iterable[str]:
    if step.refused != refusal.code:
        return [f"wanted {step.refused or 'no refusal'}, found {refusal}"]
    return differences(step.facts, refusal.facts)


def _short(answer: dict[str, Any]) -> str:
    line = " · ".join(f"{word} {_plain(value)}" for word, value in answer.items())
    return line if len(line) <= 100 else f"{line[:99]}…"


def _plain(value: Any) -> str:
    """Format a nested answer without the quotes and braces of Python."""
    if isinstance(value, dict):
        return ", ".join(f"{word} {_plain(inner)}" for word, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(inner) for inner in value)
    return str(value)
