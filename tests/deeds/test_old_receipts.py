"""A deed that is sent again after an upgrade gets the receipt that the older version stored."""

import json
from dataclasses import dataclass
from typing import get_type_hints

import msgspec
import pytest
from sqlalchemy import insert

from tests.deeds.actions import RECEIPTS, every_action
from timebank.deeds import running
from timebank.deeds.action import action, code_of, name_of
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform_in
from timebank.deeds.tables import deed as deed_table


@dataclass(frozen=True, slots=True)
class Grown:
    """A receipt that had a field ``gone`` and no field ``added`` when it was stored."""

    claim_id: int
    added: str = "unknown"


@dataclass(frozen=True, slots=True)
class GrownWithoutDefault:
    claim_id: int
    added: str


@action("grow")
def grow(deed: Deed) -> Grown:
    raise AssertionError("a stored answer is not computed again")


@action("grow")
def grow_without_default(deed: Deed) -> GrownWithoutDefault:
    raise AssertionError("a stored answer is not computed again")


@pytest.fixture
def replay(session, now, by_stranger):
    """Store an answer for an action, then perform the action under the same request id."""

    def send(function, stored):
        asked = running._Asked(function, name_of(function), by_stranger, "old", {})
        row = {
            "community_id": by_stranger.community_id, "client": by_stranger.client,
            "request_id": "old", "name": name_of(function), "done_at": now,
            "fingerprint": asked.fingerprint(session), "answer": json.dumps(stored),
        }  # fmt: skip
        session.execute(insert(deed_table).values(**row))
        return perform_in(Deed(session, by_stranger, now, "old"), function)

    return send


OLD = [(name, stored) for name, receipts in RECEIPTS.items() for stored in receipts]


@pytest.mark.parametrize(("name", "stored"), OLD, ids=[name for name, _ in OLD])
def test_each_old_receipt_is_read(replay, name, stored):
    function = dict(every_action())[name]
    receipt = replay(function, stored)
    assert isinstance(receipt, get_type_hints(function)["return"])
    now_read = json.loads(msgspec.json.encode(receipt))
    code = code_of(function)
    if code is not None:  # Receipts no longer keep it; it is found again while it opens anything.
        assert now_read.pop(code.field) != stored[code.field]
    assert {key: now_read[key] for key in stored if key in now_read} == {
        key: value for key, value in stored.items() if key in now_read
    }


def test_a_dropped_field_is_ignored_and_an_added_one_has_its_default(replay):
    assert replay(grow, {"claim_id": 7, "gone": True}) == Grown(7, "unknown")


def test_a_field_added_without_a_default_would_be_found(replay):
    with pytest.raises(msgspec.ValidationError, match="added"):
        replay(grow_without_default, {"claim_id": 7})
