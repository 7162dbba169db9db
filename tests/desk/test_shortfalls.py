"""A fact that exceeds an account: who sees it, who settles it, who writes it off."""

from dataclasses import replace

import pytest

from tests.factories import make_by
from tests.factories.ledger import make_account, make_issue, make_request, post_now
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import SamePerson
from timebank.desk.queries import worklist
from timebank.desk.shortfalls import SETTLE, WRITE_OFF, settle_shortfall
from timebank.desk.subject import SUBJECT
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.ledger.actions import ensure_account
from timebank.ledger.corrections import corrections_of
from timebank.ledger.queries import balance_of, balances_of
from timebank.ledger.refusals import InsufficientBalance
from timebank.ledger.rules import RECORD, Move
from timebank.ledger.shortfalls import settle, shortfall_of
from timebank.ledger.tables import txn_note
from timebank.values import MINUTES


@pytest.fixture
def anna(session):
    return make_account(session, filled=60)


@pytest.fixture
def case_id(session, anna):
    bert = make_account(session)
    request = make_request(Move(anna, bert, 75), client="device:1", mode=RECORD)
    return post_now(session, request)[0].txn_id


def staff(role, **told):
    client = told.pop("client", f"user:{role}")
    return replace(make_by(role, **told), client=client)


def close(session, now, case_id, how, *, by=None, note=""):
    return settle_shortfall(
        Deed(session, by or staff("coordinator"), now, a_request_id()),
        txn_id=case_id,
        how=how,
        note=note,
    )


def waits(session, by, now):
    return [(one.kind, one.id) for one in worklist(session, by, SUBJECT.work, now=now).rows]


@pytest.mark.parametrize("role", ["coordinator", "accountant", "auditor"])
def test_a_shortfall_waits_for_whoever_keeps_the_books(session, now, case_id, role):
    assert waits(session, staff(role), now) == [("shortfall", case_id)]


def test_a_shortfall_waits_for_nobody_else(session, now, case_id):
    for by in (staff("keeper"), staff("approver"), make_by()):
        assert waits(session, by, now) == []
    assert waits(session, staff("coordinator", community_id=2), now) == []


def test_it_is_taken_from_the_account_once_there_is_enough(session, now, anna, case_id):
    with pytest.raises(InsufficientBalance):
        close(session, now, case_id, SETTLE)
    post_now(session, make_request(Move(make_issue(session), anna, 20)))
    told = close(session, now, case_id, SETTLE)
    assert balances_of(session, 1, [anna])[anna].posted == 5
    assert balance_of(session, 1, "suspense", MINUTES).posted == 0
    assert waits(session, staff("coordinator"), now) == []
    assert [one.txn_id for one in corrections_of(session, 1, case_id)] == [told.settling_txn_id]
    with pytest.raises(NotFound):
        close(session, now, case_id, SETTLE)


def test_it_is_written_off_with_a_reason(session, now, case_id):
    with pytest.raises(BadInput):
        close(session, now, case_id, WRITE_OFF, note=" ")
    told = close(session, now, case_id, WRITE_OFF, note="lost on a wet day")
    assert balance_of(session, 1, "suspense", MINUTES).posted == 0
    assert balance_of(session, 1, "variance", MINUTES).posted == -15
    bodies = session.execute(txn_note.select().where(txn_note.c.txn_id == told.settling_txn_id))
    assert [row.body for row in bodies] == ["lost on a wet day"]


def test_what_was_above_a_ceiling_goes_on_or_is_kept(session, now):
    capped = make_account(session, ceiling=10)
    told = [
        post_now(session, make_request(Move(make_issue(session), capped, 15), mode=RECORD))[0]
        for _ in "ab"
    ]
    assert balance_of(session, 1, "suspense", MINUTES).posted == 20
    post_now(session, make_request(Move(capped, make_issue(session), 10)))
    close(session, now, told[0].txn_id, SETTLE)
    close(session, now, told[1].txn_id, WRITE_OFF, note="given to the pool")
    assert balances_of(session, 1, [capped])[capped].posted == 5
    assert balance_of(session, 1, "suspense", MINUTES).posted == 0
    assert balance_of(session, 1, "variance", MINUTES).posted == 15


def test_a_fact_that_is_undone_waits_no_longer(session, now, case_id):
    post_now(session, make_request(reverses_id=case_id))
    assert waits(session, staff("coordinator"), now) == []
    assert balance_of(session, 1, "suspense", MINUTES).posted == 0


def test_who_told_it_does_not_write_it_off(session, now, case_id):
    with pytest.raises(SamePerson):
        close(
            session, now, case_id, WRITE_OFF, by=staff("coordinator", client="device:1"), note="x"
        )
    close(session, now, case_id, WRITE_OFF, by=staff("accountant"), note="x")


@pytest.mark.parametrize("how", [SETTLE, WRITE_OFF])
def test_nobody_settles_his_own(session, now, how):
    own = ensure_account(session, 1, "person", MINUTES, owner_id=77, floor=0)
    lines = Move(own, make_issue(session), 5)
    case_id = post_now(session, make_request(lines, mode=RECORD))[0].txn_id
    with pytest.raises(NotAllowed):
        close(session, now, case_id, how, by=staff("coordinator", person_id=77), note="x")


@pytest.mark.parametrize("by", [staff("auditor"), staff("keeper"), make_by()])
def test_readers_and_strangers_settle_nothing(session, now, case_id, by):
    with pytest.raises(NotAllowed):
        close(session, now, case_id, WRITE_OFF, by=by, note="x")


def test_the_neighbour_community_finds_nothing(session, now, case_id):
    with pytest.raises(NotFound):
        close(session, now, case_id, SETTLE, by=staff("coordinator", community_id=2))


def test_a_choice_that_there_is_not_is_refused(session, now, case_id):
    with pytest.raises(BadInput):
        close(session, now, case_id, "forget", note="x")


def test_who_comes_second_is_told(session, now, anna, case_id):
    """Both read the case before either settles it; the second finds it settled after the lock."""
    post_now(session, make_request(Move(make_issue(session), anna, 90)))
    read = shortfall_of(session, 1, case_id)
    by = staff("coordinator")
    settle(Deed(session, by, now, "first"), case=read)
    with pytest.raises(WrongState):
        settle(Deed(session, by, now, "second"), case=read)
