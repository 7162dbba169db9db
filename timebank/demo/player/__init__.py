"""Plays worked scenarios through the same actions as the pages. See docs/scenarios.md."""

from timebank.demo.player.play import VERBS, Played, play, play_story
from timebank.demo.player.story import Story, StoryFault, read_story

__all__ = ["VERBS", "Played", "Story", "StoryFault", "play", "play_story", "read_story"]
