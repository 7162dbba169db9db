"""What a story needs of policy before its first step: the numbers and rules in force."""

from datetime import date

from timebank.policy.actions import load_preset, set_parameter
from timebank.policy.presets import preset_codes
from timebank.stories.shapes import Keyed, Named, OneOf, anything, shaped
from timebank.stories.stage import Stage
from timebank.stories.story import Story


@shaped(Keyed(may={"preset": OneOf(tuple(preset_codes())), "parameters": Named(anything)}))
def put_rules_in_force(stage: Stage, story: Story) -> None:
    """Load the ``preset`` of the file, ``demo`` unless it names another.

    ``parameters`` are other values, key by key, in force from the day on which the story begins.
    """
    preset = str(story.sections.get("preset", "demo"))
    stage.perform(load_preset, stage.founder, preset=preset, from_on=date(2020, 1, 1))
    for key, value in (story.sections.get("parameters") or {}).items():
        stage.perform(
            set_parameter, stage.founder, key=key, value=value, valid_from_on=stage.today,
            source="故事",
        )  # fmt: skip
