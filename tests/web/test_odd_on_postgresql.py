"""What PostgreSQL could answer otherwise than SQLite: numbers and texts that its columns refuse.

Everything else of these attacks is tried on SQLite, in ``test_hostile`` and ``test_nonsense``.
"""

import pytest

from tests.conftest import only_on
from tests.web import test_hostile, test_nonsense

pytestmark = [pytest.mark.slow, only_on("postgresql")]


@pytest.mark.parametrize("name", ["claimant", "coordinator"])
def test_no_address_fails_whatever_the_id(hall, name):
    test_hostile.test_no_address_fails_whatever_the_id(hall, name)


@pytest.mark.parametrize("told", test_hostile.NEVER_SENT, ids=repr)
def test_what_no_page_of_ours_sends_is_refused_whole(hall, told):
    test_hostile.test_what_no_page_of_ours_sends_is_refused_whole(hall, told)


@pytest.mark.parametrize("told", ["9" * 19, "9223372036854775808", "-1", "²"])
def test_a_card_that_is_none_is_not_reported_lost(hall, told):
    test_hostile.test_a_card_that_is_none_is_not_reported_lost(hall, told)


@pytest.mark.parametrize("name", ["claimant", "keeper"])
def test_nothing_that_is_typed_into_any_form_is_a_fault(hall, name):
    test_nonsense.test_nothing_that_is_typed_into_any_form_is_a_fault(hall, name)


def test_nothing_in_the_query_of_an_address_is_a_fault(hall):
    test_nonsense.test_nothing_in_the_query_of_an_address_is_a_fault(hall, "coordinator")
