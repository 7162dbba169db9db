"""A subject brings a founding and errands to the sample community by declaring them."""

from dataclasses import dataclass, field
from datetime import date, time

from timebank.db import Database
from timebank.demo.history import errands_of
from timebank.demo.load import load
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life
from timebank.subject import Errand, Subject
from timebank.subjects import subjects
from timebank.values import local_instant

TODAY = date(2026, 11, 22)


@dataclass
class WishTree:
    """What the planted subject keeps: the homes that may wish, and the wishes of each day."""

    homes: int = 0
    wishes: list[date] = field(default_factory=list)


def _plant(life: Life) -> None:
    life.part(WishTree).homes = len(life.part(Neighbourhood).households)


def _wish(life: Life) -> None:
    life.part(WishTree).wishes.append(life.day)


def test_a_planted_subject_brings_a_founding_and_an_errand(fresh_database: Database) -> None:
    fresh_database.clock = lambda: local_instant(TODAY, 9)
    people = next(subject for subject in subjects() if subject.name == "people")
    wishes = Subject(
        name="wishes",
        stands_on=("people",),
        founding=(_plant,),
        errands=(Errand(at=time(9), run=_wish),),
    )
    life = load(
        fresh_database,
        today=TODAY,
        days=2,
        progress=lambda steps: None,
        declared=(people, wishes),
    )
    assert life.part(WishTree) == WishTree(1530, [date(2026, 11, 20), date(2026, 11, 21)])


def test_errands_run_by_their_time_and_then_by_the_floors() -> None:
    order: list[str] = []
    first = Subject(
        name="first",
        stands_on=(),
        errands=(
            Errand(at=time(22), run=lambda life: order.append("first at ten")),
            Errand(at=time(8), run=lambda life: order.append("first at eight")),
        ),
    )
    second = Subject(
        name="second",
        stands_on=("first",),
        errands=(
            Errand(at=time(22), run=lambda life: order.append("second at ten")),
            Errand(at=time(9), run=lambda life: order.append("second at nine")),
        ),
    )
    for errand in errands_of((first, second)):
        errand.run(None)
    assert order == ["first at eight", "second at nine", "first at ten", "second at ten"]
