"""Play a story step by step and print the results, in green or red.

The subjects declare the verbs, the checks, and what is prepared before the first step.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import click

from timebank.db import Database
from timebank.demo.player.gathering import declared_by_name
from timebank.errors import TimebankError
from timebank.people.actions import found_community
from timebank.people.passwords import PROFILE
from timebank.schema import migrate
from timebank.stories.stage import Body, Check, NotTheSame, Stage, Verb
from timebank.stories.story import Step, Story, StoryFault, differences, read_story
from timebank.subject import Subject
from timebank.subjects import subjects
from timebank.values import By, Role
from timebank.vault.cipher import Vault

COMMUNITY_CODE = "story"
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
    stage = _set_stage(database, story, twice=twice, declared=known)
    return [_play_step(stage, step, verbs) for step in story.steps]


def verbs_of(declared: Iterable[Subject]) -> dict[str, Verb]:
    """Collect the verbs of the subjects, and ``check``, which uses their checks."""
    known = tuple(declared)
    check = partial(_check, checks=declared_by_name("checks", known))
    player = Subject(name="the player", stands_on=(), verbs={"check": check})
    return declared_by_name("verbs", (*known, player))


def _check(stage: Stage, by: By, body: Body, *, checks: Mapping[str, Check]) -> Body:
    """Read the state for each word of the body with its check."""
    if unknown := sorted(body.keys() - checks.keys()):
        raise StoryFault(f"there is no check {unknown[0]!r}")
    return {word: checks[word](stage, wanted) for word, wanted in body.items()}


def _set_stage(
    database: Database, story: Story, *, twice: bool, declared: Iterable[Subject]
) -> Stage:
    """Create the community of a story, and let each subject prepare its part."""
    begins_at = story.begins_at.astimezone(UTC)
    database.clock = lambda: begins_at
    community_id = database.write(
        lambda session, now: found_community(
            session, now=now, code=COMMUNITY_CODE, name_zh="故事社区", name_en="Story community"
        )
    )
    founder = By(
        community_id=community_id,
        client="job:story",
        channel="job",
        roles=frozenset(Role(name) for name in FOUNDER_ROLES),
    )
    stage = Stage(database=database, now=begins_at, founder=founder, twice=twice)
    database.clock = lambda: stage.now
    for subject in declared:
        for prepare in subject.settings:
            prepare(stage, story)
    return stage


def _play_step(stage: Stage, step: Step, verbs: Mapping[str, Verb]) -> Played:
    if step.at is not None:
        stage.now = step.at.astimezone(UTC)
    verb = verbs.get(step.verb)
    if verb is None:
        return Played(step, "", (f"there is no verb {step.verb!r}",))
    try:
        answer = verb(stage, stage.who(step.by), step.body)
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


def play(paths: list[Path], *, twice: bool = False) -> bool:
    """Play files one after the other on fresh databases; tell whether all gave the expected
    results.
    """
    is_good = True
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/story.sqlite"
            migrate(url)
            database = Database(url, info={"vault": Vault(bytes(32)), PROFILE: "small"})
            try:
                story = read_story(path)
                played = play_story(database, story, twice=twice)
            except StoryFault as fault:
                raise click.ClickException(str(fault)) from fault
            finally:
                database.close()
            is_good = _tell(story, played) and is_good
    return is_good


def _tell(story: Story, played: list[Played]) -> bool:
    click.secho(f"\n{story.title_zh} · {story.title_en}", bold=True)
    for step in played:
        _tell_step(step)
    faults = sum(bool(step.faults) for step in played)
    if faults:
        click.secho(f"  {faults} of {len(played)} steps gave another result", fg="red")
    else:
        click.secho(f"  all {len(played)} steps gave the expected result", fg="green")
    return not faults


def _tell_step(played: Played) -> None:
    step = played.step
    time = f"{step.at:%Y-%m-%d %H:%M}" if step.at else " " * 16
    mark = click.style("✗", fg="red") if played.faults else click.style("✓", fg="green")
    verb = step.verb.replace("_", " ")
    outcome = click.style(step.refused, fg="yellow") if step.refused else played.answer
    click.echo(f"{mark} {step.number:3d}  {time}  {step.by or '—':4} {verb:16} {outcome}")
    if step.note:
        click.secho(f"{' ' * 24}{step.note}", dim=True)
    for fault in played.faults:
        click.secho(f"{' ' * 24}{fault}", fg="red")
