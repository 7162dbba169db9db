"""The people of the sample community: pure, from a fixed seed, with exact quotas.

Nobody here exists: id numbers carry an unassigned region, phones start with 100, given
names count 甲乙丙丁. The same seed and day give the same community, byte for byte.

**Source**: the shape of two published communities; see ``docs/sample-community.md``.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from stdnum.iso7064 import mod_11_2

# The home of a person and their place in it: (3, 0) is the first person of home 3.
Spot = tuple[int, int]

SEED = 20120612
GRID_BUILDINGS = (9, 9, 9, 8, 8, 8)
HOUSEHOLD_STEPS = (-6, -4, -2, 0, 2, 4, 6)
HOUSEHOLD_SIZES = {1: 270, 2: 421, 3: 422, 4: 245, 5: 122, 6: 50}
AGE_BANDS = {
    (0, 13): 427,
    (14, 17): 128,
    (18, 59): 2518,
    (60, 69): 619,
    (70, 79): 405,
    (80, 97): 171,
}
REGISTERED_ELSEWHERE = 854
ALONE_OVER_80, ALONE_60_TO_79 = 20, 76
ELDER_COUPLES = 160

FAMILY_NAMES = (
    "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖周叶苏庄吕江何萧罗高潘"
    "简朱钟游彭詹胡施沈余卢梁赵颜柯翁魏孙戴范方宋邓杜傅侯曹薛丁"
)
HEAVENLY_STEMS = "甲乙丙丁戊己庚辛壬癸"
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person; ages follow from ``birth_on`` and the day of the demo."""

    name: str
    sex: str
    birth_on: date
    id_no: str
    phone: str | None
    registered_elsewhere: bool

    def age(self, on: date) -> int:
        had_birthday = (on.month, on.day) >= (self.birth_on.month, self.birth_on.day)
        return on.year - self.birth_on.year - (not had_birthday)


@dataclass(frozen=True, slots=True)
class Home:
    """One household behind one door; ``building`` counts from 0."""

    number: int
    building: int
    door: str
    residents: tuple[Resident, ...]

    @property
    def household_no(self) -> str:
        return f"H-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class HeldPaper:
    """A proof a household holds; ``resident`` is the index in the home, None for all."""

    home: int
    kind: str
    resident: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody on the day of the demo."""

    today: date
    homes: tuple[Home, ...]
    papers: tuple[HeldPaper, ...]
    wardens: tuple[Spot, ...]
    helpers: tuple[Spot, ...]
    cataracts: tuple[Spot, ...]


@dataclass
class _Registry:
    """Hands out names, id numbers and phones, each once."""

    rng: random.Random
    born: dict[tuple[date, str], int] = field(default_factory=dict)
    phones: int = 0

    def given_name(self) -> str:
        return self.rng.choice(HEAVENLY_STEMS) + self.rng.choice(NUMERALS)

    def id_no(self, birth_on: date, sex: str) -> str:
        count = self.born.get((birth_on, sex), 0)
        self.born[birth_on, sex] = count + 1
        order = 2 * count + (1 if sex == "m" else 2)
        number = f"990106{birth_on:%Y%m%d}{order:03d}"
        return number + mod_11_2.calc_check_digit(number)

    def phone(self) -> str:
        self.phones += 1
        return f"100{self.phones:08d}"


def households_in(building: int) -> int:
    """Count the households of a building, 0 to 50; together 1,530."""
    return 30 + (HOUSEHOLD_STEPS[building % 7] if building < 49 else 0)


def grid_of(building: int) -> int:
    """Name the grid of a building, 0 to 5."""
    buildings_so_far = 0
    for grid, count in enumerate(GRID_BUILDINGS):
        buildings_so_far += count
        if building < buildings_so_far:
            return grid
    raise IndexError(building)


def make_population(today: date, seed: int = SEED) -> Population:
    """Invent the community as it stands on ``today``."""
    rng = random.Random(seed)
    ages = _deal_ages(rng)
    families = _fill_households(rng, ages)
    homes = tuple(_furnish(rng, families, today))
    papers = tuple(_hand_out_papers(rng, homes, today))
    wardens = tuple(_choose_wardens(rng, homes, today))
    helpers = tuple(_choose_helpers(rng, homes, today, wardens=wardens))
    elders = [spot for spot in _spots(homes) if _resident(homes, spot).age(today) >= 60]
    return Population(
        today=today,
        homes=homes,
        papers=papers,
        wardens=wardens,
        helpers=helpers,
        cataracts=tuple(rng.sample(elders, 5)),
    )


def _deal_ages(rng: random.Random) -> dict[tuple[int, int], list[int]]:
    dealt = {}
    for (youngest, oldest), count in AGE_BANDS.items():
        # Everybody had been born when the community began, two years ago.
        span = list(range(max(youngest, 3), oldest + 1))
        if youngest == 80:
            span = [age for age in span for _ in range(98 - age)]  # Fewer at each higher age.
        dealt[youngest, oldest] = [rng.choice(span) for _ in range(count)]
    return dealt


def _fill_households(rng: random.Random, ages: dict[tuple[int, int], list[int]]) -> list[list[int]]:
    """Put every age behind a door: elders alone exactly as counted, no child alone."""
    adults, very_old = ages[18, 59], ages[80, 97]
    elders = ages[60, 69] + ages[70, 79]
    rng.shuffle(elders)
    alone = [[very_old.pop()] for _ in range(ALONE_OVER_80)]
    alone += [[elders.pop()] for _ in range(ALONE_60_TO_79)]
    alone += [[adults.pop()] for _ in range(HOUSEHOLD_SIZES[1] - len(alone))]
    couples = [[elders.pop(), elders.pop()] for _ in range(ELDER_COUPLES)]
    sizes = [size for size, count in HOUSEHOLD_SIZES.items() if size > 1 for _ in range(count)]
    shared = [[adults.pop()] for _ in sizes[ELDER_COUPLES:]]
    rest = ages[0, 13] + ages[14, 17] + adults + elders + very_old
    rng.shuffle(rest)
    for family, size in zip(shared, sizes[ELDER_COUPLES:], strict=True):
        while len(family) < size:
            family.append(rest.pop())
    families = alone + couples + shared
    rng.shuffle(families)
    return families


def _furnish(rng: random.Random, families: list[list[int]], today: date) -> Iterator[Home]:
    registry = _Registry(rng)
    count = sum(len(family) for family in families)
    elsewhere = set(rng.sample(range(count), REGISTERED_ELSEWHERE))
    number = seen = 0
    for building in range(51):
        for place in range(households_in(building)):
            ages = families[number]
            floor, flat = divmod(place, 4)
            chosen = {i for i in range(len(ages)) if seen + i in elsewhere}
            residents = tuple(_make_family(registry, ages, chosen, today))
            seen += len(ages)
            number += 1
            yield Home(number, building, f"{floor + 1}0{flat + 1}", residents)


def _make_family(
    registry: _Registry, ages: list[int], elsewhere: set[int], today: date
) -> Iterator[Resident]:
    rng = registry.rng
    shared_name = rng.choice(FAMILY_NAMES)
    for place, age in enumerate(ages):
        sex = rng.choice(("m", "f"))
        married_in = place == 1 and age >= 18
        family_name = rng.choice(FAMILY_NAMES) if married_in else shared_name
        birth_on = _birthday(rng, age, today)
        yield Resident(
            name=family_name + registry.given_name(),
            sex=sex,
            birth_on=birth_on,
            id_no=registry.id_no(birth_on, sex),
            phone=registry.phone() if age >= 14 else None,
            registered_elsewhere=place in elsewhere,
        )


def _birthday(rng: random.Random, age: int, today: date) -> date:
    """Pick a birthday that makes somebody exactly ``age`` today."""
    latest = date(today.year - age, today.month, min(today.day, 28))
    return latest - timedelta(days=rng.randrange(1, 360))


def _spots(homes: tuple[Home, ...]) -> Iterator[Spot]:
    for home, household in enumerate(homes):
        for place in range(len(household.residents)):
            yield home, place


def _resident(homes: tuple[Home, ...], spot: Spot) -> Resident:
    return homes[spot[0]].residents[spot[1]]


HOUSEHOLD_PAPERS = {
    "dibao": 29,
    "dibao_marginal": 20,
    "rigid_expense": 12,
    "housing_applicant": 77,
    "veteran_family": 8,
}


def _hand_out_papers(
    rng: random.Random, homes: tuple[Home, ...], today: date
) -> Iterator[HeldPaper]:
    """Hand out papers of whole households, then those of persons, each person at most one."""
    order = rng.sample(range(len(homes)), len(homes))
    start = 0
    for kind, count in HOUSEHOLD_PAPERS.items():
        for home in order[start : start + count]:
            yield HeldPaper(home, kind)
        start += count
    spots = list(_spots(homes))
    rng.shuffle(spots)

    def take(count: int, youngest: int, oldest: int) -> list[Spot]:
        fitting = [
            spot for spot in spots if youngest <= _resident(homes, spot).age(today) <= oldest
        ]
        taken = set(fitting[:count])
        spots[:] = [spot for spot in spots if spot not in taken]
        return fitting[:count]

    for home, place in take(4, 60, 99):
        yield HeldPaper(home, "tekun", place)
    for number, (home, place) in enumerate(take(64, 6, 90)):
        yield HeldPaper(home, "disability_card", place, is_new=number < 10)
    for home, place in take(6, 3, 15):
        yield HeldPaper(home, "child_in_need", place)
    for home, place in take(76, 20, 58):
        yield HeldPaper(home, "unemployed", place)


def _choose_wardens(rng: random.Random, homes: tuple[Home, ...], today: date) -> Iterator[Spot]:
    """Choose two fixed neighbours per building, from two different doors."""
    for building in range(51):
        fitting = [
            spot
            for spot in _spots(homes)
            if homes[spot[0]].building == building and 25 <= _resident(homes, spot).age(today) <= 69
        ]
        first = rng.choice(fitting)
        yield first
        yield rng.choice([spot for spot in fitting if spot[0] != first[0]])


def _choose_helpers(
    rng: random.Random, homes: tuple[Home, ...], today: date, *, wardens: tuple[Spot, ...]
) -> list[Spot]:
    """Choose helpers of working age and above, none of whom is a warden."""
    taken = set(wardens)
    fitting = [
        spot
        for spot in _spots(homes)
        if spot not in taken and 18 <= _resident(homes, spot).age(today) <= 72
    ]
    return rng.sample(fitting, 58)
