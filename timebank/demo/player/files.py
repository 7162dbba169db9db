"""Play story files one after the other and print the results, in green or red."""

import traceback
from collections.abc import Iterable
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from timebank.db import Database
from timebank.demo.player.play import Played, play_story, verbs_of
from timebank.demo.player.reading import faults_of, place_of
from timebank.demo.player.scratch import scratch_database
from timebank.stories.faults import StoryFault
from timebank.stories.story import Story, read_story
from timebank.subjects import subjects


def play(paths: list[Path], *, twice: bool = False, server_url: str | None = None) -> bool:
    """Play files, each on a fresh database; tell whether all gave the expected results.

    A file that cannot be read, or whose play fails, does not stop the others.
    """
    good = [_play_file(path, twice=twice, server_url=server_url) for path in paths]
    if len(good) > 1:
        colour = "green" if all(good) else "red"
        said = f"{sum(good)} of {len(good)} files gave the expected results"
        click.secho(f"\n{said}", fg=colour, bold=True)
    return all(good)


def _play_file(path: Path, *, twice: bool, server_url: str | None) -> bool:
    try:
        story = read_story(path)
    except StoryFault as fault:
        return _tell_faults([str(fault)])
    if faults := faults_of(story, verbs_of(subjects()), subjects()):
        return _tell_faults(faults)
    with scratch_database(server_url) as database:
        played = _play(database, story, twice=twice)
    return played is not None and _tell(story, played)


def _play(database: Database, story: Story, *, twice: bool) -> list[Played] | None:
    """Play one file; None where its community cannot be set up, or where the program fails."""
    try:
        return play_story(database, story, twice=twice, declared=subjects())
    except StoryFault as fault:
        _tell_faults([str(fault)])
    except OperationalError:
        raise  # The server is gone, for every file.
    except Exception as bug:
        where = (getattr(bug, "__notes__", None) or [story.file])[-1]
        traceback.print_exception(bug)
        _tell_faults([f"{where}: the program failed ({type(bug).__name__}): report this"])
    return None


def _tell_faults(faults: Iterable[str]) -> bool:
    for fault in faults:
        click.secho(fault, fg="red", err=True)
    return False


def _tell(story: Story, played: list[Played]) -> bool:
    click.secho(f"\n{story.title_zh} · {story.title_en}", bold=True)
    for step in played:
        _tell_step(story, step)
    faults = sum(bool(step.faults) for step in played)
    if faults:
        click.secho(f"  {faults} of {len(played)} steps gave another result", fg="red")
    else:
        click.secho(f"  all {len(played)} steps gave the expected result", fg="green")
    return not faults


def _tell_step(story: Story, played: Played) -> None:
    step = played.step
    time = f"{step.at:%Y-%m-%d %H:%M}" if step.at else " " * 16
    mark = click.style("✗", fg="red") if played.faults else click.style("✓", fg="green")
    verb = step.verb.replace("_", " ")
    outcome = click.style(step.refused, fg="yellow") if step.refused else played.answer
    click.echo(f"{mark} {step.number:3d}  {time}  {step.by or '—':4} {verb:16} {outcome}")
    if step.note:
        click.secho(f"{' ' * 24}{step.note}", dim=True)
    for fault in played.faults:
        click.secho(f"{' ' * 24}{place_of(story, step)}: {fault}", fg="red")
