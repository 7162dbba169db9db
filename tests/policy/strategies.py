"""Random rules, and random households: all known, partly known, or with invalid facts."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from timebank.policy.rules import DOCUMENTS, FACTS, Entry, Known, Paper, Papers
from timebank.policy.rules.facts import choice_codes

ON = date(2025, 6, 10)
AREAS = ("community", "grid:1", "grid:2")
KINDS = ("dibao", "tekun", "disability_card")
DAYS = st.dates(date(2025, 5, 1), date(2025, 7, 31))
SMALL = st.integers(0, 6)


def keys_of(*kinds: str) -> list[str]:
    return [key for key, fact in FACTS.items() if fact.kind in kinds]


def _leaf(op: str, fact: Any, **parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"op": st.just(op), "fact": fact, **parts})


_windows = st.one_of(
    st.just({"kind": "calendar_month"}),
    st.fixed_dictionaries({"kind": st.just("rolling_days"), "length": st.integers(1, 40)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("rolling_months"),
            "length": st.one_of(st.integers(1, 3), st.just({"parameter": "aid.window_months"})),
        }
    ),
)
_numbers = st.sampled_from(keys_of("whole", "fen"))
_day_limits = st.one_of(st.just("today"), DAYS.map(date.isoformat))

PLAIN_LEAVES = st.one_of(
    _leaf("is", st.sampled_from(keys_of("yes_no")), value=st.booleans()),
    _leaf("is", st.sampled_from(keys_of("whole")), value=SMALL),
    _leaf(
        "is_one_of",
        st.just("household.housing"),
        values=st.lists(
            st.sampled_from(choice_codes(FACTS["household.housing"])),
            min_size=1, max_size=2, unique=True,
        ),
    ),
    _leaf("at_least", _numbers, value=SMALL),
    _leaf("at_most", _numbers, value=SMALL),
    _leaf("between", _numbers, least=st.integers(0, 3), most=st.integers(3, 6)),
    _leaf("before", st.sampled_from(keys_of("day")), day=_day_limits),
    _leaf("after", st.sampled_from(keys_of("day")), day=_day_limits),
    _leaf("within_area", st.just("household.area"), area=st.sampled_from(AREAS)),
)  # fmt: skip
DOCUMENT_TESTS = _leaf(
    "has_document",
    st.just("household.documents"),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True),
    day=_day_limits,
)
WINDOWS = _leaf(
    "fewer_than",
    st.just("household.pieces_taken"),
    pieces=st.one_of(st.integers(1, 6), st.just({"parameter": "aid.household_pieces_max"})),
    window=_windows,
)
TIMED_LEAVES = st.one_of(
    WINDOWS,
    DOCUMENT_TESTS,
    _leaf("before", st.sampled_from(keys_of("day")), day=_day_limits),
    _leaf("after", st.sampled_from(keys_of("day")), day=_day_limits),
)
LEAVES = st.one_of(PLAIN_LEAVES, DOCUMENT_TESTS, WINDOWS)


def _groups(parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(parts, min_size=1, max_size=3)
    plain = st.fixed_dictionaries({"op": st.sampled_from(["all", "any", "none"]), "of": some})
    counted = some.flatmap(
        lambda of: st.fixed_dictionaries(
            {"op": st.just("at_least_of"), "n": st.integers(1, len(of)), "of": st.just(of)}
        )
    )
    return st.one_of(plain, counted)


def _trees(leaves: Any) -> st.SearchStrategy[dict[str, Any]]:
    low = st.one_of(leaves, _groups(leaves))
    return st.one_of(leaves, _groups(low), _groups(_groups(leaves)))


TREES = _trees(LEAVES)
PLAIN_TREES = _trees(PLAIN_LEAVES)
TIMED_TREES = _trees(TIMED_LEAVES)

_papers = st.lists(
    st.builds(
        Paper,
        kind=st.sampled_from(KINDS),
        valid_from_on=DAYS,
        valid_until_on=st.one_of(st.none(), DAYS),
    ),
    max_size=3,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "yes_no": st.booleans(),
    "whole": SMALL,
    "fen": SMALL,
    "day": DAYS,
    "area": st.lists(st.sampled_from(AREAS), unique=True, max_size=3).map(tuple),
    "documents": _papers.map(lambda seen: Papers(tuple(seen))),
    "entries": st.lists(st.builds(Entry, DAYS, st.integers(1, 4)), max_size=4).map(tuple),
}


def _value(key: str) -> st.SearchStrategy[Any]:
    fact = FACTS[key]
    return st.sampled_from(choice_codes(fact)) if fact.choices else VALUES[fact.kind]


WHOLE_FACTS = st.fixed_dictionaries(
    {key: st.builds(Known, _value(key), st.just("people"), st.just("paper:1")) for key in FACTS}
)


@st.composite
def forgotten(draw: Any, facts: dict[str, Known]) -> dict[str, Known]:
    """The same household with some facts unknown, papers by kind."""
    left = {key: known for key, known in facts.items() if draw(st.booleans())}
    documents = left.get("household.documents")
    if documents is not None:
        assert isinstance(documents.value, Papers)
        unseen = draw(st.sets(st.sampled_from(list(DOCUMENTS)), max_size=3))
        seen = tuple(paper for paper in documents.value.seen if paper.kind not in unseen)
        left["household.documents"] = Known(Papers(seen, tuple(sorted(unseen))))
    return left


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.dates(),
    st.lists(st.integers(), max_size=2), st.lists(st.integers(), max_size=2).map(tuple),
    st.just(Papers((Paper("dibao", "2025-01-01"),))),  # type: ignore[arg-type]
)  # fmt: skip
BAD_FACTS = st.dictionaries(st.sampled_from(sorted(FACTS)), st.builds(Known, ANYTHING))
