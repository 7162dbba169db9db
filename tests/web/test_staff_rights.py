"""Who may what, as staff see it: the same rights as the command prints, in words."""

import pytest

from tests.factories import people as make
from timebank.people.rules import ROLE_NAMES
from timebank.subjects import every_right
from timebank.values import Role
from web.subjects import gathered


@pytest.mark.parametrize("role", sorted(ROLE_NAMES))
def test_everybody_of_staff_reads_the_whole_table(office, role):
    office.staff[role] = office.do(make.staff, office.town, Role(role))
    page = office.enter(role).get("/work/who-may")
    assert page.status == 200
    words = [str(gathered().rights[right.name]) for right in every_right()]
    assert [word for word in words if word not in page.text] == []
    mine = sum(role in right.roles for right in every_right())
    assert page.text.count("您能做") == mine


def test_one_role_is_shown_alone(office):
    page = office.enter("cashier").get("/work/who-may?role=hotline")
    shown = [str(gathered().rights[name]) for name in ("hours.take_calls", "people.grant_role")]
    assert [word in page.text for word in shown] == [True, False]
    assert office.enter("cashier").get("/work/who-may?role=emperor").status == 200


def test_a_resident_is_refused(office):
    assert office.enter("resident").get("/work/who-may").status == 403


def test_it_is_read_in_english_too(office):
    visit = office.enter("auditor")
    visit.client.set_cookie("language", "en")
    text = visit.get("/work/who-may").text
    assert "Invite staff" in text and "Who may do what" in text
