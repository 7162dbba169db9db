"""Read the words of a story with the shapes that the subjects declare, before it is played."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from timebank.errors import every_refusal
from timebank.stories.faults import StoryFault, did_you_mean
from timebank.stories.shapes import Keyed, Shape, Shaped, anything
from timebank.stories.story import Step, Story
from timebank.subject import Subject


def shape_of(function: Any) -> Shape:
    """The declared shape of a verb, a check or a setting; without one, it looks itself."""
    return function.shape if isinstance(function, Shaped) else anything


def read_step(step: Step, verbs: Mapping[str, Any]) -> Step:
    """Read the body of a step for its verb; a ``StoryFault`` names the word."""
    verb = verbs.get(step.verb)
    if verb is None:
        near = did_you_mean(step.verb, verbs).replace("_", " ")
        raise StoryFault(f"there is no verb {step.verb.replace('_', ' ')!r}{near}")
    known = {refusal.code for refusal in every_refusal()}
    if step.refused is not None and step.refused not in known:
        near = did_you_mean(step.refused, known)
        raise StoryFault(f"refused: there is no refusal {step.refused!r}{near}")
    return replace(step, body=shape_of(verb)(step.body, ""))


def sections_of(declared: Iterable[Subject]) -> dict[str, list[Shape]]:
    """The sections that the settings declare, each with its shapes."""
    shapes: dict[str, list[Shape]] = {}
    for subject in declared:
        for setting in subject.settings:
            shape = shape_of(setting)
            if isinstance(shape, Keyed):
                for word, inner in {**shape.needs, **shape.may}.items():
                    shapes.setdefault(word, []).append(inner)
    return shapes


def read_sections(story: Story, declared: Iterable[Subject]) -> Story:
    """Read the sections whose shape is declared; a ``StoryFault`` names the file and the word."""
    read: dict[str, Any] = {}
    for word, shapes in sections_of(declared).items():
        for shape in shapes:
            if word in story.sections:
                read[word] = shape(story.sections[word], f"{story.file}: {word}")
    return replace(story, sections={**story.sections, **read})


def faults_of(story: Story, verbs: Mapping[str, Any], declared: Iterable[Subject]) -> list[str]:
    """Every fault of a file that shows without playing it, one sentence each."""
    known = tuple(declared)
    faults = [
        f"{story.file}: there is no section {word!r}{did_you_mean(word, sections_of(known))}"
        for word in story.sections
        if word not in sections_of(known)
    ]
    try:
        read_sections(story, known)
    except StoryFault as fault:
        faults.append(str(fault))
    for step in story.steps:
        try:
            read_step(step, verbs)
        except StoryFault as fault:
            faults.append(f"{place_of(story, step)}: {fault}")
    return faults


def place_of(story: Story, step: Step) -> str:
    """Where a step stands, for a sentence about it."""
    return f"{story.file}, step {step.number}, {step.verb.replace('_', ' ')}"
