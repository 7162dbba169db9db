"""What the subject of policy brings to the sample community: the numbers and rules in force."""

from timebank.policy.actions import load_preset
from timebank.stories.life import Life


def found(life: Life) -> None:
    """Put the preset ``demo`` in force from the day of the founding."""
    life.perform(load_preset, preset="demo", from_on=life.day)
