"""Which papers a household has stands nowhere in clear text, and can still be read and replayed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.factories.aid import make_claimant
from tests.factories.goods import make_stock
from tests.factories.looks import rows_with
from tests.factories.people import a_request_id
from tests.factories.sample import NOW, make_sample
from timebank.aid import actions, queries
from timebank.aid.rules import READY, REFUSED, ClaimLine
from timebank.aid.tables import claim
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.deeds.tables import deed as deed_table
from timebank.keyfile import write_keys
from timebank.keyring import Keyring, open_vault, rotate
from timebank.policy.queries import decision as decision_of
from timebank.policy.queries import replay
from timebank.policy.refusals import ProofExpired
from timebank.policy.rules.decided import is_same_answer
from timebank.policy.tables import decision
from timebank.vault.sealed import sealed_columns

KEY = bytes(range(32))  # That of the fixture ``info``.
# The rules of a community name kinds of papers; they say nothing of a household.
RULES = {("parameter", "value"), ("rule_version", "tree")}
HISTORY = [
    (decision, "facts"), (decision, "trace"), (decision, "reasons"), (decision, "missing"),
    (deed_table, "answer"),
]  # fmt: skip


@pytest.fixture
def by(session, town):
    return make_claimant(session, town)


@pytest.fixture
def claims(session, shop, by, now):
    """A claim that is ready, and one that is refused because the paper has ended."""
    make_stock(session, shop, "肥皂", 20)
    made = []
    for at in (now, now + timedelta(days=250)):
        content = {"household_id": by.household_id, "person_id": by.person_id}
        content |= {"store_id": shop.store_id, "lines": (ClaimLine(shop.item("肥皂"), 1),)}
        deed = Deed(session, by, at, a_request_id())
        receipt = perform_in(deed, actions.claim_goods, **content)
        assert perform_in(deed, actions.claim_goods, **content) == receipt  # A second tap.
        made.append(receipt)
    return made


def test_no_row_names_the_papers_of_a_household(session, claims):
    assert [one.state for one in claims] == [READY, REFUSED]
    assert claims[1].refusal.code == ProofExpired.code
    assert claims[1].refusal.facts["kind"] == "dibao"
    assert rows_with(session, "dibao") == RULES


def test_a_decision_is_read_and_replayed_as_it_was_taken(session, claims):
    for one in claims:
        found = decision_of(session, 1, one.decision_id)
        assert "dibao" in str(found.decided.facts["household.documents"])
        assert is_same_answer(replay(found), found.answer)
    refused = queries.claim(session, 1, claims[1].claim_id)
    assert refused.refusal == claims[1].refusal


@pytest.mark.parametrize(("table", "name"), HISTORY)
@pytest.mark.parametrize("value", [None, "by the same key"])
def test_a_sealed_value_of_history_is_not_changed(session, claims, table, name, value):
    """Forbids: another reason, written by whoever has the key. Only its key may be replaced."""
    column = table.c[f"{name}_sealed"]
    changed = None if value is None else func.substr(column, 1, 30)
    change = update(table).where(column.is_not(None)).values({column.name: changed})
    with pytest.raises(DBAPIError, match="history is never changed"), session.begin_nested():
        session.execute(change)
    beside = update(table).values(community_id=2)
    with pytest.raises(DBAPIError, match="history is never changed"), session.begin_nested():
        session.execute(beside)


def test_a_decision_that_cannot_be_decrypted_harms_nothing_else(session, claims):
    """As after a lost key: nothing of it is shown, and no page fails."""
    foreign = {one.name: b"\x02lost" + bytes(60) for one in decision.c if "sealed" in one.info}
    session.execute(update(decision).values(foreign))
    lost = {"refusal_facts_sealed": b"\x02lost" + bytes(60)}
    session.execute(update(claim).where(claim.c.id == claims[1].claim_id).values(lost))
    found = decision_of(session, 1, claims[1].decision_id)
    assert (found.answer.kind, found.answer.trace.op, found.decided.facts) == (
        "not_eligible", "fault", {},
    )  # fmt: skip
    refused = queries.claim(session, 1, claims[1].claim_id)
    assert (refused.refusal.code, refused.refusal.facts) == (ProofExpired.code, {})


def test_a_new_key_renews_history_and_its_answers_stay(fresh_database, tmp_path):
    write_keys(tmp_path / "key", [KEY])
    keyring = Keyring({}, tmp_path / "key")
    fresh_database.write(lambda session, now: _live(session))
    fresh_database.info["vault"] = open_vault(fresh_database, keyring)
    before = _answers(fresh_database)
    rotated = rotate(fresh_database, keyring)
    assert not rotated.unreadable
    assert _answers(fresh_database) == before
    header = fresh_database.info["vault"].header(rotated.key_id)
    with fresh_database.reading() as session:
        for one in sealed_columns(decision.metadata):
            values = session.scalars(select(one.stored).where(one.stored.is_not(None))).all()
            assert all(bytes(value).startswith(header) for value in values), one.name
        assert session.scalar(text("SELECT count(answer_sealed) FROM deed"))


def _live(session):
    """The sample community, with a claim that was filed as a page files it."""
    sample = make_sample(session)
    by, shop = sample.people["claimant"], sample.shop
    content = {"household_id": by.household_id, "person_id": by.person_id}
    content |= {"store_id": shop.store_id, "lines": (ClaimLine(shop.item("图书"), 1),)}
    perform_in(Deed(session, by, NOW, a_request_id()), actions.claim_goods, **content)


def _answers(database):
    with database.reading() as session:
        ids = session.scalars(select(decision.c.id)).all()
        return {one: decision_of(session, 1, one).answer for one in ids}
