"""What a story needs of people before its first step: places, households and its cast."""

from typing import Any

from timebank.people.actions import (
    NewHousehold,
    NewPerson,
    NewProof,
    add_proofs,
    enrol_households,
    enrol_people,
)
from timebank.people.rules import PROOF_KINDS, ROLE_NAMES
from timebank.stories.faults import StoryFault, did_you_mean
from timebank.stories.shapes import Keyed, Many, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Stage
from timebank.stories.story import Story
from timebank.values import By, Role


def name_grid_and_buildings(stage: Stage, story: Story) -> None:
    """Name the one grid and its buildings, which the file calls by their numbers."""
    stage.remember("grid", "1", stage.founded.grid_ids[0])
    for number, place_id in enumerate(stage.founded.building_ids, start=1):
        stage.remember("building", str(number), place_id)


_PAPER = Keyed({"kind": OneOf(PROOF_KINDS), "from": day, "until": day})
_HOME = Keyed({"building": whole}, {"papers": Many(_PAPER)})
_PERSON = Keyed({"name": text, "born": day, "home": text}, {"volunteer": yes})
_STAFF = Keyed(
    {"name": text, "roles": Many(OneOf(tuple(sorted(ROLE_NAMES))))},
    {"born": day, "volunteer": yes},
)
_CAST = Keyed(may={"homes": Named(_HOME), "people": Named(_PERSON), "staff": Named(_STAFF)})


@shaped(Keyed(may={"cast": _CAST}))
def enrol_cast(stage: Stage, story: Story) -> None:
    """Enrol the ``homes``, ``people`` and ``staff`` of the section ``cast``."""
    cast = story.sections.get("cast") or {}
    people = cast.get("people", {})
    _require_homes(cast)
    for number, (name, home) in enumerate(cast.get("homes", {}).items(), start=1):
        members = {who: person for who, person in people.items() if person["home"] == name}
        _move_in(stage, home, members, household_no=f"H-{number:04d}")
    for name, person in cast.get("staff", {}).items():
        _hire(stage, name, person)


def _require_homes(cast: dict[str, Any]) -> None:
    """Refuse somebody of a home that is not there: they would silently not be enrolled."""
    homes = cast.get("homes", {})
    for name, person in cast.get("people", {}).items():
        home = person["home"]
        if home not in homes:
            why = f"there is no home {home!r}{did_you_mean(home, homes)}"
            raise StoryFault(f"cast.people.{name}.home: {why}")
        if name in cast.get("staff", {}):
            raise StoryFault(f"cast.staff.{name}: this name stands among the people too")


def _move_in(
    stage: Stage,
    home: dict[str, Any],
    members: dict[str, dict[str, Any]],
    *,
    household_no: str,
) -> None:
    household = NewHousehold(
        household_no,
        stage.known("building", str(home["building"])),
        "101",
        tuple(
            NewPerson(name=member["name"], birth_on=member["born"]) for member in members.values()
        ),
    )
    enrolled = stage.perform(enrol_households, stage.founder, households=(household,))
    household_id = enrolled.household_ids[0]
    for name, person_id in zip(members, enrolled.person_ids[0], strict=True):
        stage.cast[name] = By(
            community_id=stage.community_id,
            client=f"person:{name}",
            person_id=person_id,
            household_id=household_id,
        )
    proofs = tuple(
        NewProof(
            household_id=household_id,
            kind=paper["kind"],
            valid_from_on=paper["from"],
            valid_until_on=paper["until"],
        )
        for paper in home.get("papers", [])
    )
    if proofs:
        stage.perform(add_proofs, stage.founder, proofs=proofs)


def _hire(stage: Stage, name: str, person: dict[str, Any]) -> None:
    """Enrol somebody of the staff; they live elsewhere."""
    people = (NewPerson(name=person["name"], birth_on=person.get("born")),)
    added = stage.perform(enrol_people, stage.founder, people=people)
    stage.cast[name] = By(
        community_id=stage.community_id,
        client=f"person:{name}",
        channel="counter",
        person_id=added.person_ids[0],
        roles=frozenset(Role(role) for role in person["roles"]),
    )
