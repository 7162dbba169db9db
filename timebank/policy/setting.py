"""What a story needs of policy before its first step: the numbers that it changes."""

from timebank.policy.actions import set_parameter
from timebank.policy.presets import preset_codes
from timebank.stories.shapes import Keyed, Named, OneOf, anything, shaped
from timebank.stories.stage import Stage
from timebank.stories.story import Story


@shaped(Keyed(may={"preset": OneOf(tuple(preset_codes())), "parameters": Named(anything)}))
def set_parameters(stage: Stage, story: Story) -> None:
    """Set the ``parameters`` of the file, key by key, from the day on which the story begins.

    Its ``preset``, ``demo`` unless it names another, is in force since the founding.
    """
    for key, value in (story.sections.get("parameters") or {}).items():
        stage.perform(
            set_parameter, stage.founder, key=key, value=value, valid_from_on=stage.today,
            source="故事",
        )  # fmt: skip
