"""Play worked scenarios through the same actions as the pages. See docs/scenarios.md."""

from timebank.demo.player.files import play
from timebank.demo.player.play import Played, play_story, verbs_of
from timebank.stories.faults import StoryFault
from timebank.stories.story import Story, read_story

__all__ = ["Played", "Story", "StoryFault", "play", "play_story", "read_story", "verbs_of"]
