"""Every route × role × own, other household, other grid, other community, over HTTP.

The expected answers are the table in ``matrix.md``, which people checked by hand. A route that is
missing there fails the test, which then prints the lines that differ.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.factories.matrix import ACTORS, KINDS, Trial, Undone, World, make_world
from tests.factories.office import Office, Visit
from tests.factories.served import app_over
from tests.factories.trials import WITH_IDS
from tests.factories.trials import without_ids as trials_without_ids
from tests.house.sources import nothing
from timebank.people.actions import open_visit

TABLE = Path(__file__).with_name("matrix.md")
HEAD = ["request", "whose", *ACTORS]
METHODS = ("GET", "POST")
Rows = dict[tuple[str, str], list[str]]


def rows_of(text: str) -> Rows:
    """Read the table: the answers of one request by what it names."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    assert lines[0] == HEAD
    rows = {(line[0], line[1]): line[2:] for line in lines[1:]}
    assert len(rows) == len(lines) - 1, "a request stands there twice"
    return rows


def line_of(key: tuple[str, str], answers: list[str]) -> str:
    return f"| {' | '.join((*key, *answers))} |"


@pytest.fixture
def world(office: Office) -> World:
    return office.do(make_world, office.shop, office.database.clock())


@pytest.fixture
def visits(office: Office, world: World) -> Iterator[dict[str, Visit]]:
    """Each actor at a browser, over a database in which no deed stays."""
    for actor in ACTORS[1:]:
        office.staff[actor] = world.homes[actor, "own"].by
    visits = {actor: office.enter(actor) for actor in ACTORS[1:]}
    undone = Undone(
        str(office.database.engine.url), clock=office.database.clock, info=office.database.info
    )
    app_over(undone)
    yield {"nobody": Visit(office.app), **visits}
    undone.close()


def rules(office: Office) -> list[tuple[str, str]]:
    """Every method and route of the application."""
    return sorted(
        (method, rule.rule)
        for rule in office.app.url_map.iter_rules()
        for method in set(rule.methods or ()) & set(METHODS)
    )


def trials(office: Office) -> list[Trial]:
    """Every request of the table: those that name something, and each route once without."""
    named = {(one.method, one.rule) for one in WITH_IDS}
    plain = [one for one in rules(office) if one not in named or "<" not in one[1]]
    return [*trials_without_ids(plain), *WITH_IDS]


class Browser:
    """Sends each request as an actor, with the form token or the token of a program."""

    def __init__(self, office: Office, visits: dict[str, Visit], world: World) -> None:
        self.visits, self.world = visits, world
        self.cookie = str(office.app.config["SESSION_COOKIE_NAME"])
        self.headers: dict[str, dict[str, str]] = {}
        for actor, visit in visits.items():
            page = visit.get("/me/deposit" if actor != "nobody" else "/sign-in/name")
            self.headers[actor] = {"X-CSRFToken": page.value("csrf_token")}
        for actor in ACTORS[1:]:
            by = world.homes[actor, "own"].by
            token = open_visit(office.database, by=by, kind="api").token
            self.headers[actor]["Authorization"] = f"Bearer {token}"

    def answer(self, trial: Trial, actor: str, kind: str) -> str:
        """The answer to one request, in a word; no cookie of it stays."""
        path, fields = trial.build(self.world.homes[actor, kind], self.world)
        client = self.visits[actor].client
        session = client.get_cookie(self.cookie)
        is_api = path.startswith("/api/")
        told = {"json": fields} if is_api and trial.method == "POST" else {"data": fields}
        headers = {
            name: value
            for name, value in self.headers[actor].items()
            if is_api or name != "Authorization"
        }
        answer = client.open(path, method=trial.method, headers=headers, **told)
        if session is not None:
            client.set_cookie(self.cookie, session.value)
        return word_of(answer)


def word_of(answer: TestResponse) -> str:
    """``login`` is the way to the sign-in, ``done`` a deed, ``to`` another redirect."""
    if answer.status_code not in (302, 303, 308):
        return str(answer.status_code)
    if urlsplit(answer.location).path == "/sign-in":
        return "login"
    return "done" if answer.request.method == "POST" else "to"


@pytest.mark.slow
def test_every_route_answers_each_role_as_the_table_says(office, visits, world):
    expected, browser = rows_of(TABLE.read_text("utf-8")), Browser(office, visits, world)
    answered: Rows = {}
    for trial in trials(office):
        for kind in KINDS if trial.has_ids else ("-",):
            answered[trial.name, kind] = [
                browser.answer(trial, actor, "own" if kind == "-" else kind) for actor in ACTORS
            ]
    faults = [
        f"{line_of(key, answers)}  but the table says {expected.get(key)}"
        for key, answers in answered.items()
        if expected.get(key) != answers
    ]
    faults += [f"{key} is in the table, but not a route" for key in expected.keys() - answered]
    nothing(faults)


def test_no_answer_is_a_fault_and_no_foreign_row_is_shown(office):
    """What holds for the whole table, so that a line cannot be accepted by mistake."""
    faults = []
    for (request, kind), answers in rows_of(TABLE.read_text("utf-8")).items():
        for actor, answer in zip(ACTORS, answers, strict=True):
            is_fault = answer.startswith("5")
            is_foreign = kind == "community" and answer in ("done", "to")
            is_other = kind in ("household", "grid") and actor == "resident" and answer == "done"
            if is_fault or is_foreign or is_other:
                faults.append(f"{request} {kind} {actor}: {answer}")
    nothing(faults)


def test_a_route_that_the_table_lacks_is_told(office):
    named = {(key[0].split()[0], key[0].split()[1]) for key in rows_of(TABLE.read_text("utf-8"))}
    assert set(rules(office)) <= named


def test_a_switch_of_language_does_none_of_the_deeds(office, visits, world):
    """Whatever a form holds, a switch only draws its page again."""
    browser, faults = Browser(office, visits, world), []
    pages = {rule for method, rule in rules(office) if method == "GET"}
    for trial in WITH_IDS:
        if trial.method != "POST" or trial.rule not in pages or trial.rule.startswith("/api/"):
            continue
        for actor in ACTORS[1:]:
            answer = browser.answer(switched(trial), actor, "household")
            if answer == "done" or answer.startswith("5"):
                faults.append(f"{trial.name} {actor}: {answer}")
    nothing(faults)


def switched(trial: Trial) -> Trial:
    """The same request, sent by a switch."""

    def build(home, world):
        path, fields = trial.build(home, world)
        return path, {**fields, "switch-to": "language:en"}

    return replace(trial, build=build)
