"""``timebank migrate`` carries a filled database over: everything sealed, nothing left behind."""

import base64
import json
import os
import signal
from multiprocessing import get_context

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, text

from tests.conftest import only_on
from tests.databases import PostgresCopies, own_postgres_server
from tests.factories.older import VERSION, fill_older, lay_older
from tests.factories.policy import decisions_of
from tests.factories.revisions import looking
from timebank import clear_text, cli
from timebank.aid.tables import claim
from timebank.clear_text import has_clear_text, seal_clear_text
from timebank.db import Database, database_file
from timebank.db.remains import CannotClean, has_remains
from timebank.db.revisions import CannotMigrate
from timebank.people.rules.ages import AGE_GROUPS
from timebank.people.tables import person, proof
from timebank.policy.queries import replay
from timebank.policy.rules.decided import is_same_answer
from timebank.policy.tables import decision
from timebank.schema import before_sealed, every_table, migrate, revision_of
from timebank.vault.cipher import Vault

KEY = bytes(range(32))
REWRITTEN = {"kiosk_pairing", *(one.table for one in clear_text.OLD_COLUMNS)}
LAST_WITH_CLEAR_TEXT = before_sealed(VERSION)
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
    for name in REWRITTEN:
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
    days = secrets.born if database_file(url) is None else set()  # Numbers on PostgreSQL.
    assert leaks(url, secrets) == secrets.every - days
    assert secrets.told_kinds
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


def test_every_sealed_value_is_the_one_that_stood_in_clear_text(url, secrets, run, opened, vault):
    before = clear_cells(url)
    assert run("migrate", "--no-backup")[0] == 0
    assert before == sealed_cells(url, vault)
    with opened.reading() as session:
        answers = [
            is_same_answer(replay(one), one.answer)
            for row in session.execute(select(decision.c.subject_id).distinct())
            for one in decisions_of(session, 1, "household", row.subject_id)
        ]
    assert answers and all(answers)


def test_the_answers_of_deeds_keep_everything_but_the_codes(url, secrets, run, vault):
    run("migrate", "--no-backup")
    query = text("SELECT answer, answer_sealed FROM deed WHERE request_id LIKE 'old-%'")
    rows = looking(url, lambda c: c.execute(query).all())
    texts = [row.answer or vault.open(row.answer_sealed, "deed.answer") for row in rows]
    answers = [json.loads(one) for one in texts]
    assert all(not one.get("pickup_code") and not one.get("code") for one in answers[:-1])
    assert {"claim_id", "store_id"} <= {name for one in answers for name in one}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE deed SET answer = '{}'",
        "UPDATE deed SET answer_sealed = NULL WHERE answer_sealed IS NOT NULL",
        "UPDATE decision SET trace_sealed = facts_sealed",
        "UPDATE decision SET answer = 'eligible'",
        "UPDATE kiosk_inbox SET raw_sealed = NULL",
        "DELETE FROM kiosk_review",
    ],
)
def test_history_is_as_fixed_as_before(url, secrets, run, change):
    run("migrate", "--no-backup")
    with pytest.raises(Exception, match="history is never changed"):
        looking(url, lambda connection: connection.execute(text(change)))


def test_no_revision_drops_what_is_not_sealed(url, secrets):
    """Whoever migrates without a key is refused, and nothing is changed."""
    with pytest.raises(CannotMigrate, match="stand in clear text in person"):
        migrate(url)
    assert looking(url, revision_of) == VERSION
    assert secrets.told_kinds <= leaks(url, secrets)


def test_killed_at_whatever_moment_it_goes_on_where_it_stopped(url, secrets, run, vault):
    before = clear_cells(url)
    for killed_after in (1, 2, 7, 11):
        child = nursery.Process(target=migrate_and_die, args=(url, KEY, killed_after))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
        assert looking(url, revision_of) == LAST_WITH_CLEAR_TEXT
        assert looking(url, has_remains)
    assert run("migrate")[0] == 0
    assert leaks(url, secrets) == set()
    assert not looking(url, has_remains)
    assert sealed_cells(url, vault) == before


def test_killed_before_the_files_were_written_anew_the_next_run_does_it(
    url, secrets, run, opened, monkeypatch
):
    with pytest.raises(Stopped):
        migrate(url, seal=stop)
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
    with pytest.raises(Stopped):
        migrate(url, seal=stop)
    other = Database(url)
    with other.reading() as session:
        session.execute(select(person.c.name)).all()
        with pytest.raises(CannotClean, match="Stop the server"):
            seal_clear_text(opened)
    other.close()
    assert run("migrate")[0] == 0
    assert leaks(url, secrets) == set()


def test_a_database_without_clear_text_needs_no_key(url, run, tmp_path):
    code, said = run("migrate", TIMEBANK_KEY="")
    assert code == 0 and "sealed" not in said
    assert not (tmp_path / "data" / "key").exists()


class Stopped(Exception):
    """The migration stops where it should seal."""


def stop():
    raise Stopped


def clear_cells(url):
    """What stands in the old columns, by table, key and column; a used code is nothing."""

    def look(connection):
        found = set()
        known = inspect(connection)
        for one in clear_text.OLD_COLUMNS:
            if one.clear not in {column["name"] for column in known.get_columns(one.table)}:
                continue
            keys = known.get_pk_constraint(one.table)["constrained_columns"]
            is_meant = f" AND {one.only[connection.dialect.name]}" if one.only else ""
            is_meant += " AND state = 'ready'" if one.clear == "pickup_code" else ""
            rows = connection.execute(
                text(
                    f"SELECT {one.clear}, {', '.join(keys)} FROM {one.table}"
                    f" WHERE {one.clear} IS NOT NULL{is_meant}"
                )
            )
            for value, *key in rows:
                found.add((one.table, one.sealed, tuple(key), without_code(one, value)))
        return found

    return looking(url, look)


def sealed_cells(url, vault):
    """The same from the sealed columns."""

    def look(connection):
        found = set()
        for one in clear_text.OLD_COLUMNS:
            told = every_table().tables[one.table]
            keys = [key.name for key in told.primary_key.columns]
            query = f"SELECT {one.sealed}, {', '.join(keys)} FROM {one.table}"
            for value, *key in connection.execute(text(query)):
                if value is not None:
                    opened = vault.open(value, told.c[one.sealed].info["sealed"])
                    found.add((one.table, one.sealed, tuple(key), without_code(one, opened)))
        return found

    return looking(url, look)


def without_code(one, value):
    """A value as text; revision 0011 took the code out of the answers of deeds."""
    if one.table == "deed":
        return json.dumps({**json.loads(value), "pickup_code": None})
    return bytes(value).decode() if isinstance(value, bytes | memoryview) else str(value)


def migrate_and_die(url, key, after):
    """A process that is killed after so many units of work."""
    database = Database(url, info={"vault": Vault(key)})
    seen = 0

    def count(values):
        nonlocal seen
        seen += 1
        if seen == after:
            os.kill(os.getpid(), signal.SIGKILL)

    migrate(url, seal=lambda: seal_clear_text(database, at_once=1, report=count))
