"""Plays a story step by step and prints an account of it, green or red."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import click

from timebank.db import Database
from timebank.demo.player import verbs_aid, verbs_days, verbs_goods, verbs_hours, verbs_setting
from timebank.demo.player.stage import NotTheSame, Stage, set_stage
from timebank.demo.player.story import Step, Story, StoryFault, differences, read_story
from timebank.errors import TimebankError
from timebank.people.passwords import PROFILE
from timebank.people.vault import Vault
from timebank.schema import migrate
from timebank.values import By

Verb = Callable[[Stage, By, dict[str, Any]], dict[str, Any]]

VERBS: dict[str, Verb] = {
    "open_hours": verbs_hours.open_hours,
    "enter_service": verbs_hours.enter_service,
    "confirm_service": verbs_hours.confirm_service,
    "begin_service": verbs_hours.begin_service,
    "end_service": verbs_hours.end_service,
    "announce": verbs_goods.announce,
    "receive": verbs_goods.receive,
    "stock": verbs_goods.stock,
    "sign_cleaning": verbs_goods.sign_cleaned,
    "claim": verbs_aid.claim,
    "issue": verbs_aid.issue,
    "take": verbs_aid.take,
    "offer": verbs_aid.offer,
    "lapse": verbs_aid.lapse,
    "sweep": verbs_aid.sweep,
    "open_day": verbs_days.open_day,
    "count_day": verbs_days.count_day,
    "sign_day": verbs_days.sign_day,
    "check": verbs_setting.check,
}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one step: the answer, and where it differs from what was told."""

    step: Step
    answer: str
    faults: tuple[str, ...] = ()


def play_story(database: Database, story: Story, *, twice: bool = False) -> list[Played]:
    """Play a story against a fresh database; every step is played, faults or not."""
    stage = set_stage(database, story, twice=twice)
    return [_play_step(stage, step) for step in story.steps]


def _play_step(stage: Stage, step: Step) -> Played:
    if step.at is not None:
        stage.now = step.at.astimezone(UTC)
    verb = VERBS.get(step.verb)
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
    told = step.body if step.verb == "check" else answer
    return Played(step, _short(told), tuple(differences(wanted, answer)))


def _refusal_faults(step: Step, refusal: TimebankError) -> Iterable[str]:
    if step.refused != refusal.code:
        return [f"wanted {step.refused or 'no refusal'}, found {refusal}"]
    return differences(step.facts, refusal.facts)


def _short(answer: dict[str, Any]) -> str:
    told = " · ".join(f"{word} {_plain(value)}" for word, value in answer.items())
    return told if len(told) <= 100 else f"{told[:99]}…"


def _plain(value: Any) -> str:
    """Write a nested answer without the quotes and braces of Python."""
    if isinstance(value, dict):
        return ", ".join(f"{word} {_plain(one)}" for word, one in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(one) for one in value)
    return str(value)


def play(paths: list[Path], *, twice: bool = False) -> bool:
    """Play files one after the other on fresh databases; tell whether all came out."""
    good = True
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
            good = _tell(story, played) and good
    return good


def _tell(story: Story, played: list[Played]) -> bool:
    click.secho(f"\n{story.title_zh} · {story.title_en}", bold=True)
    for one in played:
        _tell_step(one)
    faults = sum(bool(one.faults) for one in played)
    if faults:
        click.secho(f"  {faults} of {len(played)} steps came out otherwise", fg="red")
    else:
        click.secho(f"  all {len(played)} steps came out as told", fg="green")
    return not faults


def _tell_step(one: Played) -> None:
    step = one.step
    time = f"{step.at:%Y-%m-%d %H:%M}" if step.at else " " * 16
    mark = click.style("✗", fg="red") if one.faults else click.style("✓", fg="green")
    verb = step.verb.replace("_", " ")
    outcome = click.style(step.refused, fg="yellow") if step.refused else one.answer
    click.echo(f"{mark} {step.number:3d}  {time}  {step.by or '—':4} {verb:16} {outcome}")
    if step.note:
        click.secho(f"{' ' * 24}{step.note}", dim=True)
    for fault in one.faults:
        click.secho(f"{' ' * 24}{fault}", fg="red")
