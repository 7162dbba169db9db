"""Papers: seen by somebody, valid from day to day, ended with a reason."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.people import Family, Town, a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people import actions, queries
from timebank.people.actions import NewProof
from timebank.people.actions.proofs import is_drawn
from timebank.people.refusals import DecidedByTwo, PaperTooLong
from timebank.people.rules import ENTERED_KINDS, PAPER_KINDS, PROOF_KINDS
from timebank.people.tables import proof
from timebank.policy.actions import set_parameter
from timebank.policy.rules.usual import PAPER_MONTHS_MAX
from timebank.values import By, local_day
from timebank.vault.cipher import Vault

START, END = date(2025, 1, 1), date(2025, 12, 31)
SEEN = {"document_no": "DB-2025-0117", "issuer": "示范区民政局"}


@pytest.fixture
def family(session: Session, town: Town) -> Family:
    return make.make_household(session, town)


def _add(session: Session, by: By, now: datetime, proof: NewProof) -> int:
    added = actions.add_proofs(Deed(session, by, now, a_request_id()), proofs=(proof,))
    return added.proof_ids[0]


def test_a_paper_counts_from_its_first_to_its_last_day(
    session: Session, town: Town, family: Family
) -> None:
    make.make_proof(session, town, family.household_id)
    for on, counts in (
        (date(2024, 12, 31), False),
        (START, True),
        (END, True),
        (date(2026, 1, 1), False),
    ):
        valid = queries.proofs_of_household(session, town.community_id, family.household_id, on=on)
        (every,) = queries.proofs_of_household(session, town.community_id, family.household_id)
        assert bool(valid) is counts
        assert every.is_valid_on(on) is counts


def test_a_paper_that_was_ended_opens_nothing_more(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    proof_id = make.make_proof(session, town, family.household_id)
    told = {"proof_id": proof_id, "reason": "已停发"}
    on = date(2025, 6, 1)
    actions.end_proof(Deed(session, town.by, now, a_request_id()), ended_on=on, **told)
    (ended,) = queries.proofs_of_household(session, town.community_id, family.household_id)
    assert ended.is_valid_on(date(2025, 5, 31)) and not ended.is_valid_on(on)
    assert not queries.proofs_of_household(session, town.community_id, family.household_id, on=on)
    with pytest.raises(WrongState):
        actions.end_proof(Deed(session, town.by, now, a_request_id()), ended_on=on, **told)


def test_a_paper_is_not_ended_without_a_reason(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    proof_id = make.make_proof(session, town, family.household_id)
    with pytest.raises(BadInput):
        actions.end_proof(
            Deed(session, town.by, now, a_request_id()), proof_id=proof_id, ended_on=END, reason=" "
        )


def test_a_paper_that_cannot_be_is_refused(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    good = NewProof(family.household_id, "dibao", START, END, family.person_ids[0])
    _add(session, town.by, now, good)
    for bad in (replace(good, kind="rich"), replace(good, valid_until_on=date(2024, 1, 1))):
        with pytest.raises(BadInput):
            _add(session, town.by, now, bad)
    other = make.make_household(session, town)
    for unknown in (
        replace(good, household_id=404),
        replace(good, person_id=404),
        replace(good, person_id=other.person_ids[0]),
    ):
        with pytest.raises(NotFound):
            _add(session, town.by, now, unknown)


def test_nobody_vouches_for_his_own_household(session: Session, town: Town, now: datetime) -> None:
    by = make.resident(session, town)
    assert by.household_id is not None
    worker = replace(by, roles=make.approver(session, town).roles)
    with pytest.raises(NotAllowed) as refused:
        _add(session, worker, now, NewProof(by.household_id, "dibao", START, END))
    assert refused.value.facts["why"] == "own_household"


def test_a_grid_worker_sees_papers_of_his_grid_only(
    session: Session, town: Town, now: datetime
) -> None:
    by = make.grid_worker(session, town)
    here = make.make_household(session, town, building=0)
    there = make.make_household(session, town, building=1)
    proof_id = _add(session, by, now, NewProof(here.household_id, "tekun", START, END, **SEEN))
    assert proof_id
    with pytest.raises(NotFound):
        _add(session, by, now, NewProof(there.household_id, "tekun", START, END, **SEEN))


@pytest.mark.parametrize("persona", [make.social_worker, make.coordinator, make.approver])
def test_nobody_enters_a_special_approval(
    session: Session, town: Town, family: Family, now: datetime, persona: Any
) -> None:
    approval = NewProof(family.household_id, "special_approval", START, END, **SEEN)
    for by in (persona(session, town), town.by):
        with pytest.raises(DecidedByTwo):
            _add(session, by, now, approval)
    assert queries.proofs_of_household(session, town.community_id, family.household_id) == []


def test_every_kind_of_paper_has_a_longest_validity() -> None:
    assert set(PAPER_MONTHS_MAX) == set(PAPER_KINDS)
    assert set(ENTERED_KINDS) == set(PAPER_KINDS) - {"special_approval"}
    assert set(PAPER_KINDS) == set(PROOF_KINDS) | {"guardian_consent"}


@pytest.mark.parametrize("kind", ENTERED_KINDS)
def test_a_paper_is_not_entered_beyond_the_longest_validity_of_its_kind(
    session: Session, town: Town, family: Family, now: datetime, kind: str
) -> None:
    last_on = END if kind != "disability_card" else date(2034, 12, 31)
    whose = family.person_ids[0] if kind == "guardian_consent" else None
    paper = NewProof(family.household_id, kind, START, last_on, whose, **SEEN)
    by = make.social_worker(session, town)
    _add(session, by, now, paper)
    with pytest.raises(PaperTooLong) as refused:
        _add(session, by, now, replace(paper, valid_until_on=last_on + timedelta(days=1)))
    assert refused.value.facts["latest_on"] == last_on.isoformat()
    with pytest.raises(PaperTooLong):
        _add(session, town.by, now, replace(paper, valid_until_on=date(2036, 12, 31)))


def test_the_longest_validity_is_a_dated_parameter(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    set_parameter(
        Deed(session, town.by, now, a_request_id()), key="people.paper_months_max",
        value={"dibao": 6}, valid_from_on=local_day(now), source="议事会",
    )  # fmt: skip
    half_year = NewProof(family.household_id, "dibao", START, date(2025, 6, 30), **SEEN)
    _add(session, town.by, now, half_year)
    with pytest.raises(PaperTooLong):
        _add(session, town.by, now, replace(half_year, valid_until_on=date(2025, 7, 1)))


def test_papers_for_later_years_cannot_be_piled_up(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    by, renewed = make.social_worker(session, town), local_day(now) + timedelta(days=60)
    _add(session, by, now, NewProof(family.household_id, "dibao", renewed, renewed, **SEEN))
    too_early = renewed + timedelta(days=1)
    with pytest.raises(BadInput) as refused:
        _add(session, by, now, NewProof(family.household_id, "dibao", too_early, too_early, **SEEN))
    assert refused.value.facts["field"] == "valid_from_on"


@pytest.mark.parametrize("field", ["document_no", "issuer"])
def test_a_paper_keeps_its_number_and_who_issued_it(
    session: Session, town: Town, family: Family, now: datetime, field: str
) -> None:
    by = make.social_worker(session, town)
    paper = NewProof(family.household_id, "dibao", START, END, **SEEN)
    entered = queries.paper_entered(session, town.community_id, _add(session, by, now, paper))
    assert entered.issuer == SEEN["issuer"] and SEEN["document_no"] not in repr(paper)
    with pytest.raises(BadInput) as refused:
        _add(session, by, now, replace(paper, **{field: "  "}))
    assert refused.value.facts["field"] == field


def test_who_lives_there_is_read_from_the_rows(session: Session, town: Town, now: datetime) -> None:
    """A session that began before somebody moved in does not say where they live."""
    by = make.resident(session, town)
    assert by.household_id is not None
    stale = replace(by, household_id=None, roles=make.approver(session, town).roles)
    with pytest.raises(NotAllowed) as refused:
        _add(session, stale, now, NewProof(by.household_id, "dibao", START, END, **SEEN))
    assert refused.value.facts["why"] == "own_household"


def test_one_paper_in_ten_is_drawn_and_only_the_key_knows_which() -> None:
    keys = Vault(bytes(32)), Vault(bytes(range(32)))
    drawn = [{number for number in range(5000) if is_drawn(vault, number)} for vault in keys]
    assert all(400 < len(some) < 600 for some in drawn)
    assert len(drawn[0] & drawn[1]) < 100


def test_the_draw_is_written_with_the_paper_and_leaves_imports_out(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    by = make.social_worker(session, town)
    paper = NewProof(family.household_id, "dibao", START, END, **SEEN)
    ids = [_add(session, by, now, paper) for _ in range(60)]
    imported = [_add(session, town.by, now, paper) for _ in range(60)]
    written = dict(session.execute(select(proof.c.id, proof.c.is_drawn)).all())
    vault = session.info["vault"]
    assert [written[id_] for id_ in ids] == [is_drawn(vault, id_) for id_ in ids]
    assert any(written[id_] for id_ in ids) and not any(written[id_] for id_ in imported)


def test_a_guardians_consent_names_the_minor(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    consent = NewProof(family.household_id, "guardian_consent", START, END, **SEEN)
    with pytest.raises(BadInput) as refused:
        _add(session, make.social_worker(session, town), now, consent)
    assert refused.value.facts["field"] == "person_id"


def test_a_setting_from_before_there_were_consents_allows_a_year(
    session: Session, town: Town, family: Family, now: datetime
) -> None:
    set_parameter(
        Deed(session, town.by, now, a_request_id()), key="people.paper_months_max",
        value={"dibao": 6}, valid_from_on=local_day(now), source="议事会",
    )  # fmt: skip
    whose = family.person_ids[0]
    consent = NewProof(family.household_id, "guardian_consent", START, END, whose, **SEEN)
    _add(session, town.by, now, consent)
