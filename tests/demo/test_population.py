"""The sample community has exactly the documented people, and none of them is real."""

from collections import Counter
from datetime import date

import pytest

from timebank.people.rules import check_id_number
from timebank.people.sample.population import (
    AGE_BANDS,
    GRID_BUILDINGS,
    HOUSEHOLD_PAPERS,
    HOUSEHOLD_SIZES,
    Population,
    grid_of,
    households_in,
    make_population,
)

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(TODAY)


def test_fifty_one_buildings_in_six_grids_hold_1530_households(population: Population) -> None:
    assert [households_in(n) for n in range(8)] == [24, 26, 28, 30, 32, 34, 36, 24]
    assert sum(households_in(n) for n in range(51)) == 1530 == len(population.homes)
    assert Counter(grid_of(n) for n in range(51)) == dict(enumerate(GRID_BUILDINGS))


def test_there_are_4268_people_in_homes_of_the_given_sizes(population: Population) -> None:
    sizes = Counter(len(home.residents) for home in population.homes)
    assert sizes == HOUSEHOLD_SIZES
    assert sum(size * count for size, count in sizes.items()) == 4268


def test_each_age_band_has_its_number(population: Population) -> None:
    ages = [one.age(TODAY) for home in population.homes for one in home.residents]
    found = {band: sum(band[0] <= age <= band[1] for age in ages) for band in AGE_BANDS}
    assert found == AGE_BANDS


def test_elders_live_alone_as_counted_and_no_child_does(population: Population) -> None:
    alone = [home.residents[0].age(TODAY) for home in population.homes if len(home.residents) == 1]
    assert sum(age >= 60 for age in alone) == 96
    assert sum(age >= 80 for age in alone) == 20
    assert min(alone) >= 18


def test_every_home_has_an_adult(population: Population) -> None:
    eldest = [max(one.age(TODAY) for one in home.residents) for home in population.homes]
    assert min(eldest) >= 18


def test_papers_are_held_as_counted(population: Population) -> None:
    kinds = Counter(paper.kind for paper in population.papers)
    assert kinds == {
        **HOUSEHOLD_PAPERS, "tekun": 4, "disability_card": 64, "child_in_need": 6, "unemployed": 76,
    }  # fmt: skip
    assert sum(paper.is_new for paper in population.papers) == 10
    assert len(population.cataracts) == 5


def test_a_fifth_is_registered_elsewhere(population: Population) -> None:
    people = [one for home in population.homes for one in home.residents]
    assert sum(one.registered_elsewhere for one in people) == 854


def test_160_volunteers_two_wardens_to_each_building(population: Population) -> None:
    buildings = Counter(population.homes[home].building for home, _ in population.wardens)
    assert buildings == dict.fromkeys(range(51), 2)
    assert len({*population.wardens, *population.helpers}) == 160


def test_nobody_can_be_a_real_person(population: Population) -> None:
    people = [one for home in population.homes for one in home.residents]
    assert len({one.id_no for one in people}) == 4268
    for one in people:
        assert one.id_no.startswith("990106")
        assert check_id_number(one.id_no, birth_on=one.birth_on, sex=one.sex, on=TODAY)
        assert one.phone is None or one.phone.startswith("100")


def test_the_same_day_gives_the_same_people_and_another_seed_others() -> None:
    assert make_population(TODAY) == make_population(TODAY)
    assert make_population(TODAY).homes != make_population(TODAY, seed=1).homes
