"""Every page and every role against the table in the docs, which people checked by hand."""

from typing import Any

import pytest

from tests.factories import people as make
from tests.factories.office import Office
from tests.house.sources import ROOT, nothing
from timebank.commands.rights import table_of_rights
from timebank.people.rules import ROLE_NAMES
from timebank.subjects import every_right
from timebank.values import Role

DOCS = ROOT / "docs/who-may.md"
# What stands for the parts of an address; nobody has these ids, so an open page says 404.
PARTS = {"person_id": 1, "household_id": 1, "proof_id": 1, "claim_id": 1, "deposit_id": 1}


def table_of(text: str) -> dict[str, frozenset[str]]:
    """Read the table of a page: each right with the roles that hold it."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    roles = rows[0][1:]
    return {
        row[0]: frozenset(role for role, cell in zip(roles, row[1:], strict=True) if cell == "yes")
        for row in rows[1:]
    }


def test_the_docs_show_the_table_that_the_command_prints():
    assert table_of_rights() in DOCS.read_text("utf-8")


def test_the_table_names_every_right_once():
    names = [right.name for right in every_right()]
    assert sorted(names) == sorted(set(names)) == sorted(table_of(DOCS.read_text("utf-8")))


def guarded_pages(office: Office) -> list[tuple[str, str, str]]:
    """List method, address and right of every page that asks for a right."""
    found = []
    views = office.app.view_functions
    with office.app.test_request_context():
        adapter = office.app.url_map.bind("localhost")
        for rule in office.app.url_map.iter_rules():
            guard = getattr(views[rule.endpoint], "_guard", "")
            if guard.startswith("needs "):
                parts = {name: PARTS.get(name, 1) for name in rule.arguments}
                address = adapter.build(rule.endpoint, parts, method="GET")
                found += [
                    (method, address, guard.removeprefix("needs "))
                    for method in sorted(set(rule.methods or ()) & {"GET", "POST"})
                ]
    return found


@pytest.fixture
def visits(office: Office) -> dict[str, Any]:
    """Somebody of each role at a browser; a resident has none."""
    for role in sorted(ROLE_NAMES):
        office.staff[role] = office.do(make.staff, office.town, Role(role))
    return {name: office.enter(name) for name in [*sorted(ROLE_NAMES), "resident"]}


def test_each_role_opens_the_pages_that_the_table_gives_it(office, visits):
    table = table_of(DOCS.read_text("utf-8"))
    pages = guarded_pages(office)
    faults = []
    tokens = {role: visit.get("/me/deposit").value("csrf_token") for role, visit in visits.items()}
    for method, address, right in pages:
        for role, visit in visits.items():
            told = {"X-CSRFToken": tokens[role]} if method == "POST" else {}
            status = visit.client.open(address, method=method, headers=told).status_code
            # A form may ask for a further right: an auditor reads the shelf and signs nothing.
            is_open = status != 403
            if (is_open and role not in table[right]) or (
                method == "GET" and not is_open and role in table[right]
            ):
                faults.append(f"{role} {method} {address} ({right}): {status}")
    nothing(faults)
    assert len(pages) > 20
