"""The declarations of the subjects are complete and true, and a new subject joins by itself."""

from typing import Any

import pytest
from sqlalchemy import Select, literal

from tests.factories import make_by
from tests.house.sources import nothing, sources
from timebank import errors
from timebank.commands.rights import table_of_rights
from timebank.db import NOW, waiting_row
from timebank.deeds.tables import community
from timebank.desk.queries import worklist
from timebank.errors import every_refusal
from timebank.jobs import jobs_of, run_jobs
from timebank.people.rules import ROLE_NAMES
from timebank.policy.rules import FACTS, PARAMETERS
from timebank.rights import Right
from timebank.schema import every_table
from timebank.subject import Job, Subject, WorkKind, refusals_in
from timebank.subjects import in_order, subjects, work_kinds
from timebank.values import By


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


def test_every_right_names_known_roles():
    for subject in subjects():
        nothing(sorted(subject.roles - ROLE_NAMES))


def test_a_fact_is_supplied_by_the_subject_that_its_catalogue_names():
    for subject in subjects():
        named = {key for key, fact in FACTS.items() if fact.supplied_by == subject.name}
        assert set(subject.facts) == named, subject.name
    known = {subject.name for subject in subjects()}
    nothing([key for key, fact in FACTS.items() if fact.supplied_by not in {"", *known}])


def test_each_subject_declares_the_parameters_that_it_reads():
    for subject in subjects():
        if subject.name != "policy":
            text = "".join(source.text for source in sources(f"timebank/{subject.name}/"))
            read = {key for key in PARAMETERS if text.count(f'"{key}"') > 1}
            assert read == set(subject.parameters), subject.name
    declared = {key for subject in subjects() for key in subject.parameters}
    assert set(PARAMETERS) == declared


def _subject(name: str, *stands_on: str, **declared: object) -> Subject:
    return Subject(name=name, stands_on=stands_on, **declared)  # type: ignore[arg-type]


def test_each_subject_follows_those_that_it_stands_on():
    found = in_order([_subject("c", "b", "a"), _subject("b", "a"), _subject("a")])
    assert [subject.name for subject in found] == ["a", "b", "c"]


def test_a_circle_of_subjects_is_found():
    with pytest.raises(ValueError, match="cycle"):
        in_order([_subject("a", "b"), _subject("b", "a")])


BREW = Right("tea.brew", ("keeper",))


def _cups_waiting(by: By) -> Select[Any] | None:
    """Every community of the database waits for tea."""
    if not BREW.is_held(by):
        return None
    return waiting_row("cup", community.c.id, since=NOW, count=literal(1))


def _tea(brewed: list[str]) -> Subject:
    """A throw-away subject that declares something of everything."""
    return Subject(
        name="tea",
        stands_on=("deeds",),
        rights=(BREW,),
        jobs=(Job(name="brew", action=lambda deed: brewed.append(deed.request_id)),),
        own_holds=("keep_warm",),
        work=(WorkKind(name="cup", waiting=_cups_waiting, promised_days=1),),
    )


def test_the_parts_of_a_new_subject_appear_where_they_belong(fresh_database, now):
    brewed: list[str] = []
    tea = _tea(brewed)
    assert in_order([*subjects(), tea]).index(tea) > 0
    assert "| tea.brew |  |  |  |  |  |  |  | yes |  |" in table_of_rights([tea])
    assert (
        run_jobs(fresh_database, jobs_of([tea])) == 4
    )  # Its job and the last, in two communities.
    assert len(brewed) == 2
    with fresh_database.reading() as session:
        keeper, stranger = make_by("keeper"), make_by("auditor")
        kinds = work_kinds([*subjects(), tea])
        assert worklist(session, keeper, kinds, now=now).counts == {"cup": 2}
        assert worklist(session, stranger, kinds, now=now).counts == {}
