"""The declarations of the subjects are complete and true, and a new subject joins by itself."""

import pytest

from tests.house.sources import nothing
from timebank import errors
from timebank.errors import every_refusal
from timebank.policy.rules import FACTS
from timebank.schema import every_table
from timebank.subject import Subject, refusals_in
from timebank.subjects import in_order, subjects


def doubles(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def test_every_table_is_declared_by_one_subject():
    declared = [table.name for subject in subjects() for table in subject.tables]
    nothing(doubles(declared))
    nothing(sorted(set(every_table().tables) ^ set(declared)))


def test_no_two_subjects_declare_one_name():
    nothing(doubles([kind.name for subject in subjects() for kind in subject.work]))
    nothing(doubles([job.name for subject in subjects() for job in subject.jobs]))
    nothing(doubles([verb for subject in subjects() for verb in subject.verbs]))
    nothing(doubles([right.name for subject in subjects() for right in subject.rights]))


def test_every_refusal_is_common_or_declared_by_one_subject():
    declared = [kind.__name__ for subject in subjects() for kind in subject.refusals]
    common = [kind.__name__ for kind in refusals_in(errors)]
    nothing(doubles(declared + common))
    every = {"TimebankError", *(kind.__name__ for kind in every_refusal())}
    nothing(sorted(every ^ {*declared, *common}))


def test_a_fact_is_supplied_by_the_subject_that_its_catalogue_names():
    for subject in subjects():
        named = {key for key, fact in FACTS.items() if fact.supplied_by == subject.name}
        assert set(subject.facts) == named, subject.name
    known = {subject.name for subject in subjects()}
    nothing([key for key, fact in FACTS.items() if fact.supplied_by not in {"", *known}])


def _subject(name: str, *stands_on: str, **declared: object) -> Subject:
    return Subject(name=name, stands_on=stands_on, **declared)  # type: ignore[arg-type]


def test_each_subject_follows_those_that_it_stands_on():
    found = in_order([_subject("c", "b", "a"), _subject("b", "a"), _subject("a")])
    assert [subject.name for subject in found] == ["a", "b", "c"]


def test_a_circle_of_subjects_is_found():
    with pytest.raises(ValueError, match="cycle"):
        in_order([_subject("a", "b"), _subject("b", "a")])
