"""The stage of a story: a fresh community, a settable clock, and names.

A story says ``V01`` and ``c1``; the stage maps these to a person and a claim, and performs every
deed as the pages do. It knows no subject: each subject prepares its own part and names its own
kinds of things.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from timebank.db import Database
from timebank.deeds.action import name_of
from timebank.deeds.founded import Founded
from timebank.deeds.running import perform
from timebank.errors import TimebankError
from timebank.stories.faults import StoryFault, did_you_mean
from timebank.stories.story import Story
from timebank.values import COMMUNITY_ZONE, By, local_day

Receipt = TypeVar("Receipt")
Body = dict[str, Any]


class NotTheSame(Exception):
    """A request that was sent twice got two different answers."""


@dataclass(kw_only=True)
class Stage:
    """The clock of a story, its cast, and the meaning of its names.

    ``founder`` acts if a step names nobody; ``founded`` is what the community began with.
    ``names`` maps, for each kind of thing, the names of the story.
    """

    database: Database
    now: datetime
    founder: By
    founded: Founded
    twice: bool = False
    cast: dict[str, By] = field(default_factory=dict)
    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: int = 0

    @property
    def community_id(self) -> int:
        return self.founder.community_id

    @property
    def today(self) -> date:
        return local_day(self.now)

    def local(self, instant: datetime | None) -> str | None:
        """Format an instant as in stories: ``2025-06-13 10:00``."""
        if instant is None:
            return None
        return f"{instant.astimezone(COMMUNITY_ZONE):%Y-%m-%d %H:%M}"

    def who(self, name: str | None) -> By:
        """Find somebody of the cast; without a name, the founder."""
        if name is None:
            return self.founder
        if name not in self.cast:
            raise StoryFault(
                f"nobody in the cast is called {name!r}{did_you_mean(name, self.cast)}"
            )
        return self.cast[name]

    def holder(self, role: str) -> By:
        """Find the first of the cast who holds a role."""
        for by in self.cast.values():
            if by.holds(role):
                return by
        raise StoryFault(f"nobody in the cast is a {role}")

    def remember(self, kind: str, name: str, thing: Any) -> None:
        """Give a thing of one kind a name in the story."""
        self.names.setdefault(kind, {})[name] = thing

    def known(self, kind: str, name: str) -> Any:
        """Find the thing of one kind by its name in the story."""
        known = self.names.get(kind, {})
        if name not in known:
            raise StoryFault(f"no {kind} is called {name!r}{did_you_mean(name, known)}")
        return known[name]

    def name_of(self, kind: str, thing: Any) -> str:
        """The name of a thing of one kind in the story; its number if it has none."""
        named = self.names.get(kind, {}).items()
        return next((name for name, known in named if known == thing), str(thing))

    def perform(self, action: Callable[..., Receipt], by: By, **content: Any) -> Receipt:
        """Send one deed; with ``twice``, send it again and check that nothing changes."""
        self.sent += 1
        request_id = f"story-{self.sent}"

        def send() -> Receipt:
            return perform(self.database, action, by=by, request_id=request_id, **content)

        if not self.twice:
            return send()
        first, second = _answer(send), _answer(send)
        if str(first) != str(second):
            raise NotTheSame(f"{name_of(action)}: first {first}, then {second}")
        if isinstance(first, TimebankError):
            raise first
        return first


# What a subject declares for the player: a verb, a check, and a preparation of the stage.
Verb = Callable[[Stage, By, Body], Body]
Check = Callable[[Stage, Any], Any]
Setting = Callable[[Stage, Story], None]


def _answer(send: Callable[[], Receipt]) -> Receipt | TimebankError:
    try:
        return send()
    except TimebankError as refusal:
        return refusal
