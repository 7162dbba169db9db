"""An action is known by its own name, not by that of its Python function."""

import pytest
from sqlalchemy import select

from tests.factories import make_by
from timebank.aid.actions import claim_goods
from timebank.aid.rules import ClaimLine
from timebank.deeds import running
from timebank.deeds.action import action, name_of
from timebank.deeds.deed import Deed
from timebank.deeds.running import answer, perform, perform_in
from timebank.deeds.tables import deed as deed_table

# Stored by the version before actions had names: sha256 of the name and the content.
STORED = "4cd49c0be888d54aa05a5873bbdc6bd4b0fcbeadbfe43f82c1fe70f6d94b9339"
CONTENT = {"household_id": 7, "person_id": 8, "store_id": 9, "lines": (ClaimLine(10, 2),)}


class WithoutVault:
    info: dict[str, object] = {}


def fingerprint(function, content):
    asked = running._Asked(function, name_of(function), make_by(), "1", content)
    return asked.fingerprint(WithoutVault())


@action("claim_goods")
def renamed(deed: Deed, **content: object) -> str:
    return "done"


def nameless(deed: Deed) -> str:
    return "done"


def test_the_fingerprints_of_stored_deeds_stay_valid():
    assert fingerprint(claim_goods, CONTENT).hex() == STORED


def test_a_renamed_function_keeps_the_fingerprint_of_its_action():
    assert fingerprint(renamed, CONTENT).hex() == STORED


def test_another_action_has_another_fingerprint():
    other = action("claim_other")(lambda deed, **content: None)
    assert fingerprint(other, CONTENT).hex() != STORED


def test_the_row_of_a_deed_holds_the_name_of_its_action(session, now, by_stranger):
    perform_in(Deed(session, by_stranger, now, "r"), renamed)
    assert session.scalars(select(deed_table.c.name)).all() == ["claim_goods"]


@pytest.mark.parametrize("send", [perform, answer])
def test_a_function_without_a_name_is_not_performed(fresh_database, by_stranger, send):
    with pytest.raises(TypeError, match="nameless"):
        send(fresh_database, nameless, by=by_stranger, request_id="r")


def test_a_function_without_a_name_is_not_performed_within_a_unit(session, now, by_stranger):
    with pytest.raises(TypeError, match="nameless"):
        perform_in(Deed(session, by_stranger, now, "r"), nameless)
