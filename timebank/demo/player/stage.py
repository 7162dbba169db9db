"""The stage a story is played on: a fresh community, a clock that is set, and names.

A story says ``V01`` and ``c1``; the stage knows which person and which claim that is, and
sends every deed through the same door as the pages.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from timebank.db import Database
from timebank.deeds.running import perform
from timebank.demo.founding import read_data
from timebank.demo.player.story import Story, StoryFault
from timebank.errors import TimebankError
from timebank.goods.actions import NewItem, NewStore, add_items, add_stores
from timebank.hours.actions import NewService, NewVolunteer, add_services, register_volunteers
from timebank.people.actions import (
    NewHousehold,
    NewPerson,
    NewPlace,
    NewProof,
    add_places,
    add_proofs,
    enrol_households,
    enrol_people,
    found_community,
)
from timebank.policy.actions import load_preset
from timebank.values import COMMUNITY_ZONE, By, Role, local_day

Receipt = TypeVar("Receipt")
Thing = TypeVar("Thing")
COMMUNITY_CODE = "story"


class NotTheSame(Exception):
    """A request sent twice was answered in two ways."""


@dataclass
class Stage:
    """Where a story stands: the clock, who everybody is, what everything is called."""

    database: Database
    now: datetime
    twice: bool = False
    community_id: int = 0
    store_id: int = 0
    people: dict[str, By] = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    named: dict[str, Any] = field(default_factory=dict)
    sent: int = 0

    @property
    def founder(self) -> By:
        roles = frozenset({Role("coordinator"), Role("keeper"), Role("social_worker")})
        return By(self.community_id, "job:story", "job", roles=roles)

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def keeper(self) -> By:
        """The first keeper of the cast: whoever stands behind the counter."""
        for by in self.people.values():
            if by.holds("keeper"):
                return by
        raise StoryFault("nobody in the cast is a keeper")

    def local(self, instant: datetime | None) -> str | None:
        """Write an instant as the stories do: ``2025-06-13 10:00``."""
        if instant is None:
            return None
        return f"{instant.astimezone(COMMUNITY_ZONE):%Y-%m-%d %H:%M}"

    def who(self, name: str | None) -> By:
        """Find somebody of the cast; nobody named is the community's own clockwork."""
        if name is None:
            return self.founder
        return self._known(self.people, name, "nobody in the cast is called")

    def item(self, name: str) -> int:
        return self._known(self.items, name, "the catalogue has no item")

    def service(self, name: str) -> int:
        return self._known(self.services, name, "there is no service")

    def thing(self, name: str) -> Any:
        return self._known(self.named, name, "nothing was named")

    def _known(self, table: dict[str, Thing], name: str, complaint: str) -> Thing:
        try:
            return table[name]
        except KeyError:
            raise StoryFault(f"{complaint} {name!r}") from None

    def perform(self, action: Callable[..., Receipt], by: By, **content: Any) -> Receipt:
        """Send one deed; with ``twice``, send it again and see that nothing changes."""
        self.sent += 1
        request_id = f"story-{self.sent}"

        def send() -> Receipt:
            return perform(self.database, action, by=by, request_id=request_id, **content)

        if not self.twice:
            return send()
        first, second = _answer(send), _answer(send)
        if str(first) != str(second):
            raise NotTheSame(f"{action.__name__}: first {first}, then {second}")
        if isinstance(first, TimebankError):
            raise first
        return first


def _answer(send: Callable[[], Receipt]) -> Receipt | TimebankError:
    try:
        return send()
    except TimebankError as refusal:
        return refusal


def set_stage(database: Database, story: Story, *, twice: bool = False) -> Stage:
    """Found the community of a story with its catalogue and its cast."""
    stage = Stage(database, story.begins_at.astimezone(UTC), twice)
    database.clock = lambda: stage.now
    stage.community_id = database.write(
        lambda session, now: found_community(
            session, now=now, code=COMMUNITY_CODE, name_zh="故事社区", name_en="Story community"
        )
    )
    founder = stage.founder
    stage.perform(load_preset, founder, preset=story.preset, from_on=date(2020, 1, 1))
    _lay_places(stage)
    _open_catalogue(stage)
    _cast(stage, story)
    return stage


def _lay_places(stage: Stage) -> None:
    grid = stage.perform(add_places, stage.founder, places=(NewPlace("grid", 1, "网格", "Grid"),))
    buildings = tuple(
        NewPlace("building", n, f"{n}栋", f"Building {n}", grid.place_ids[0]) for n in range(1, 52)
    )
    ids = stage.perform(add_places, stage.founder, places=buildings).place_ids
    stage.named |= {f"building {n}": place_id for n, place_id in enumerate(ids, start=1)}
    stage.named["grid"] = grid.place_ids[0]


def _open_catalogue(stage: Stage) -> None:
    shop = (NewPlace("store", 1, "公益店", "Shop", stage.named["grid"]),)
    place_id = stage.perform(add_places, stage.founder, places=shop).place_ids[0]
    opened = stage.perform(add_stores, stage.founder, stores=(NewStore(place_id, "S1"),))
    stage.store_id = opened.store_ids[0]
    rows = read_data("items")
    items = tuple(NewItem(**row) for row in rows)
    ids = stage.perform(add_items, stage.founder, items=items).item_ids
    stage.items = {row["name_zh"]: one for row, one in zip(rows, ids, strict=True)}
    rows = read_data("services")
    services = tuple(NewService(**row) for row in rows)
    ids = stage.perform(add_services, stage.founder, services=services).service_ids
    stage.services = {row["name_zh"]: one for row, one in zip(rows, ids, strict=True)}


def _cast(stage: Stage, story: Story) -> None:
    homes: dict[str, Any] = story.cast.get("homes", {})
    people: dict[str, Any] = story.cast.get("people", {})
    for number, (name, home) in enumerate(homes.items(), start=1):
        _move_in(stage, name, home, number=number, people=people)
    for name, told in story.cast.get("staff", {}).items():
        added = stage.perform(
            enrol_people, stage.founder, people=(NewPerson(told["name"], told.get("born")),)
        )
        roles = frozenset(Role(role) for role in told["roles"])
        stage.people[name] = _by(stage, name, added.person_ids[0], roles=roles)
    everyone = {**people, **story.cast.get("staff", {})}
    since = stage.today - timedelta(days=1)
    volunteers = tuple(
        NewVolunteer(stage.people[name].person_id or 0, since)
        for name, told in everyone.items()
        if told.get("volunteer")
    )
    if volunteers:
        stage.perform(register_volunteers, stage.founder, volunteers=volunteers)


def _move_in(
    stage: Stage, name: str, home: dict[str, Any], *, number: int, people: dict[str, Any]
) -> None:
    members = {who: told for who, told in people.items() if told["home"] == name}
    family = NewHousehold(
        f"H-{number:04d}",
        stage.thing(f"building {home['building']}"),
        "101",
        tuple(NewPerson(told["name"], told["born"]) for told in members.values()),
    )
    enrolled = stage.perform(enrol_households, stage.founder, households=(family,))
    household_id = stage.households[name] = enrolled.household_ids[0]
    for who, person_id in zip(members, enrolled.person_ids[0], strict=True):
        stage.people[who] = _by(stage, who, person_id, household_id=household_id)
    papers = tuple(
        NewProof(household_id, paper["kind"], paper["from"], paper["until"])
        for paper in home.get("papers", [])
    )
    if papers:
        stage.perform(add_proofs, stage.founder, proofs=papers)


def _by(
    stage: Stage,
    name: str,
    person_id: int,
    *,
    household_id: int | None = None,
    roles: frozenset[Role] = frozenset(),
) -> By:
    return By(
        stage.community_id,
        f"person:{name}",
        "counter" if roles else "web",
        person_id=person_id,
        household_id=household_id,
        roles=roles,
    )
