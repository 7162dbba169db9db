"""``timebank migrate`` carries a filled database over: everything sealed, nothing left behind."""

import base64
import json
import os
import signal
from multiprocessing import get_context

import pytest
from click.testing import CliRunner
from sqlalchemy import func, inspect, select, text

from tests.conftest import only_on
from tests.databases import PostgresCopies, own_postgres_server
from tests.factories.older import PAIRING_CODE, fill_older, lay_older
from tests.factories.revisions import looking
from tests.factories.sample import NOW, TODAY
from timebank import clear_text, cli
from timebank.aid.queries import decide_household, ready_claims
from timebank.aid.tables import claim
from timebank.clear_text import has_clear_text, seal_clear_text
from timebank.db import Database, database_file
from timebank.db.remains import CannotClean, has_remains
from timebank.people.queries import household
from timebank.people.rules.ages import AGE_GROUPS
from timebank.people.tables import person, proof
from timebank.people.vault import Vault
from timebank.schema import migrate

KEY = bytes(range(32))
nursery = get_context("forkserver")
nursery.set_forkserver_preload(["tests.factories.older"])


@pytest.fixture(scope="module")
def quiet_copies(postgres_copies):
    """A server of our own: on a shared one, whoever is just connecting may still need old rows."""
    with own_postgres_server() as (server, _):
        copies = PostgresCopies(server)
        yield copies
        copies.close()


@pytest.fixture
def url(fresh_database, tmp_path, engine_name, request):
    """An empty place for the database of an older version."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    made = request.getfixturevalue("quiet_copies")
    blank = made._url(made._create("template1"))
    yield blank
    made.drop(blank)


@pytest.fixture
def secrets(url, fresh_database, vault):
    """Fill the place; gives what stands there in clear text."""
    lay_older(url)
    return fill_older(url, fresh_database, vault)


@pytest.fixture
def run(url, tmp_path):
    environ = {"TIMEBANK_DATABASE": url, "TIMEBANK_DATA": str(tmp_path / "data")}
    environ["TIMEBANK_KEY"] = base64.b64encode(KEY).decode()

    def runs(*words, **told):
        result = CliRunner().invoke(cli.main, list(words), env={**environ, **told})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return runs


@pytest.fixture
def opened(url, info):
    database = Database(url, info=info)
    yield database
    database.close()


def stored_bytes(url):
    """Everything that a stolen disk would show: the file and its log; on PostgreSQL the tables."""
    path = database_file(url)
    if path is not None:
        beside = [path, *(path.with_name(path.name + end) for end in ("-wal", "-journal"))]
        return b"".join(one.read_bytes() for one in beside if one.exists())
    return looking(url, _pages)


def _pages(connection):
    """The rows of every table, and the pages of those from which something was cleared."""
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS pageinspect"))
    found = []
    for name in inspect(connection).get_table_names():
        rows = connection.execute(text(f"SELECT * FROM {name}"))
        found += [str(tuple(row)).encode() for row in rows]
    for name in ("person", "proof", "claim", "deed", "kiosk_pairing"):
        size = connection.scalar(text(f"SELECT pg_relation_size('{name}') / 8192"))
        page = text(f"SELECT get_raw_page('{name}', :at)")
        found += [bytes(connection.scalar(page, {"at": at})) for at in range(size)]
    connection.rollback()
    return b"\n".join(found)


def leaks(url, secrets):
    stored = stored_bytes(url)
    return {one for one in secrets.every if one.encode() in stored}


def test_a_filled_database_is_sealed_and_nothing_is_left_of_the_clear_text(
    url, secrets, run, opened, vault
):
    assert len(secrets.born) > 10 and set(secrets.codes) >= {"ready", "issued"}
    if database_file(url) is not None:  # PostgreSQL stores a day as a number.
        assert secrets.born <= leaks(url, secrets)
    assert {PAIRING_CODE}.union(*secrets.codes.values()) <= leaks(url, secrets)
    people = looking(url, lambda c: c.scalar(text("SELECT count(birth_on) FROM person")))
    code, said = run("migrate", "--no-backup")
    assert code == 0, said
    assert "values that stood in clear text are sealed" in said
    assert leaks(url, secrets) == set()
    with opened.reading() as session:
        rows = session.execute(select(person).where(person.c.birth_sealed.is_not(None))).all()
        born = {vault.open(row.birth_sealed, "person.birth") for row in rows}
        assert (len(rows), born) == (people, secrets.born)
        assert {row.age_group for row in rows} <= set(AGE_GROUPS)
        kinds = session.scalars(select(proof.c.kind_sealed)).all()
        assert {vault.open(one, "proof.kind") for one in kinds} == secrets.kinds
        ready = select(claim.c.pickup_sealed).where(claim.c.pickup_sealed.is_not(None))
        codes = {vault.open(one, "claim.pickup_code") for one in session.scalars(ready)}
        assert codes == secrets.codes["ready"]
    assert run("check")[0] == 0
    assert "already" in run("migrate")[1]


def test_the_answers_of_deeds_keep_everything_but_the_codes(url, secrets, run):
    run("migrate", "--no-backup")
    query = text("SELECT answer FROM deed WHERE request_id LIKE 'old-%'")
    answers = [json.loads(one) for one in looking(url, lambda c: c.scalars(query).all())]
    assert all(not one.get("pickup_code") and not one.get("code") for one in answers)
    assert {"claim_id", "store_id"} <= {name for one in answers for name in one}
    change = text("UPDATE deed SET answer = '{}'")
    with pytest.raises(Exception, match="history is never changed"):
        looking(url, lambda connection: connection.execute(change))


def test_what_is_not_sealed_yet_is_read_all_the_same(url, secrets, opened, info):
    """The new program on a migrated schema, before the rows are sealed."""
    assert migrate(url)
    with opened.reading() as session:
        assert has_clear_text(opened)
        codes = {one.pickup_code for one in ready_claims(session, 1)}
        assert codes == secrets.codes["ready"]
        home_id = session.scalar(select(proof.c.household_id))
        home = household(session, 1, home_id)
        assert all(one.age_group_on(TODAY) for one in home.members)
        assert decide_household(session, 1, home_id, now=NOW).answer.is_eligible


def test_killed_at_whatever_moment_it_goes_on_where_it_stopped(url, secrets, run, vault):
    assert migrate(url)
    for killed_after in (1, 2):
        child = nursery.Process(target=seal_and_die, args=(url, KEY, killed_after))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
        left = looking(url, lambda c: c.scalar(select(func.count(person.c.birth_on))))
        assert looking(url, has_remains)
    assert left > 0
    assert run("migrate")[0] == 0
    assert leaks(url, secrets) == set()
    assert not looking(url, has_remains)


def test_killed_before_the_files_were_written_anew_the_next_run_does_it(
    url, secrets, run, opened, monkeypatch
):
    assert migrate(url)
    monkeypatch.setattr(clear_text, "remove_remains", lambda *_: None)
    assert seal_clear_text(opened) > 0
    assert leaks(url, secrets)
    monkeypatch.undo()
    assert has_clear_text(opened)
    assert "run `timebank migrate`" in run("check")[1]
    assert run("migrate")[0] == 0
    assert leaks(url, secrets) == set()


@pytest.mark.slow
@only_on("sqlite")
def test_a_reader_in_the_way_is_told_and_the_next_run_ends_it(url, secrets, opened, run):
    assert migrate(url)
    other = Database(url)
    with other.reading() as session:
        session.execute(select(person)).all()
        with pytest.raises(CannotClean, match="Stop the server"):
            seal_clear_text(opened)
    other.close()
    assert run("migrate")[0] == 0
    assert leaks(url, secrets) == set()


def test_a_database_without_clear_text_needs_no_key(url, run, tmp_path):
    code, said = run("migrate", TIMEBANK_KEY="")
    assert code == 0 and "sealed" not in said
    assert not (tmp_path / "data" / "key").exists()


def seal_and_die(url, key, after):
    """A process that is killed after so many units of work."""
    database = Database(url, info={"vault": Vault(key)})
    seen = 0

    def count(values):
        nonlocal seen
        seen += 1
        if seen == after:
            os.kill(os.getpid(), signal.SIGKILL)

    seal_clear_text(database, at_once=1, report=count)
