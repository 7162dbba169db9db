"""What a story needs of policy before its first step: the numbers and rules in force."""

from datetime import date

from timebank.policy.actions import load_preset
from timebank.policy.presets import preset_codes
from timebank.stories.shapes import Keyed, OneOf, shaped
from timebank.stories.stage import Stage
from timebank.stories.story import Story


@shaped(Keyed(may={"preset": OneOf(tuple(preset_codes()))}))
def put_rules_in_force(stage: Stage, story: Story) -> None:
    """Load the ``preset`` of the file, ``demo`` unless it names another."""
    preset = str(story.sections.get("preset", "demo"))
    stage.perform(load_preset, stage.founder, preset=preset, from_on=date(2020, 1, 1))
