"""The ``timebank`` command: what it does, and its one sentence when it fails."""

import base64
import socket

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, text

from tests.factories.closing import make_second, whole_day
from tests.factories.goods import make_shop
from tests.house.sources import ROOT
from tests.people.test_known_devices import House
from timebank import cli
from timebank.db import Database, EngineUnfit, make_engine
from timebank.deeds.tables import community
from timebank.demo_server import FIRST, table, welcome, width
from timebank.people.sample.sign_ins import SignIn
from timebank.schema import migrate
from web.app import create_app


@pytest.fixture
def run(tmp_path):
    """Run the command on a separate data folder; return exit code and output."""

    def runs(*words, **environ):
        told = {"TIMEBANK_DATA": str(tmp_path), "TIMEBANK_KEY": None, **environ}
        result = CliRunner().invoke(cli.main, list(words), env=told)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return runs


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def test_a_fresh_database_is_migrated_and_found_fit(run, tmp_path):
    assert run("migrate")[0] == 0
    code, said = run("check")
    assert (code, said.count("✓")) == (0, 5)
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_a_database_that_was_never_migrated_is_not_fit(run, tmp_path):
    make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}").connect().close()
    code, said = run("check")
    assert code == 1
    assert "run `timebank migrate`" in said


@pytest.mark.parametrize("command", ["check", "seal", "seal-key", "tidy"])
def test_where_there_is_no_database_none_is_made_nor_a_key(run, tmp_path, command):
    code, said = run(command, TIMEBANK_DATA=str(tmp_path / "lost"))
    assert code == 1
    assert f"There is no database {tmp_path / 'lost' / 'timebank.sqlite'}" in said
    assert list(tmp_path.iterdir()) == []


def test_the_web_makes_no_database_nor_a_key(tmp_path, monkeypatch):
    monkeypatch.setenv("TIMEBANK_DATA", str(tmp_path / "lost"))
    with pytest.raises(EngineUnfit, match="There is no database"):
        create_app()
    assert list(tmp_path.iterdir()) == []


def test_check_finds_books_that_do_not_sum_to_zero(run, tmp_path):
    run("migrate")
    engine = make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    with engine.begin() as connection:
        key = {"id": 1, "code": "ours", "name_zh": "本社区", "name_en": "Ours"}
        connection.execute(insert(community).values(**key))
        connection.execute(text("INSERT INTO commodity VALUES (1, 1, 'minutes')"))
        connection.execute(text("INSERT INTO account VALUES (1, 1, 1, 'person', 1)"))
        connection.execute(
            text("INSERT INTO balance VALUES (1, 1, 1, 5, 0, 0, 0, 1, 1, 0, NULL, 0)")
        )
    engine.dispose()
    code, said = run("check")
    assert code == 1
    assert "do not sum to zero: ['minutes']" in said


def test_check_counts_signed_sheets_and_names_one_that_was_written_anew(run, tmp_path, info):
    url = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(url)
    database = Database(url, info=info)

    def lay(session, now):
        session.execute(
            text(
                "INSERT INTO community (id, code, name_zh, name_en)"
                " VALUES (1, 'ours', '本社区', 'Ours')"
            )
        )
        shop = make_shop(session)
        whole_day(session, shop, make_second(session, shop.town), now=now)
        return shop.store_id

    store_id = database.write(lay)
    (tmp_path / "key").write_bytes(base64.b64encode(bytes(range(32))))  # That of ``info``.
    (tmp_path / "key").chmod(0o600)
    code, said = run("check")
    assert code == 0 and "sheets of ours: 1 signed, each matches the books" in said
    with database.engine.begin() as connection:
        asked = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'day_closing_no_%'"
        guards = connection.execute(text(asked)).all()
        for name, _ in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE day_closing SET sheet = sheet || ' '"))
        for _, sql in guards:  # The intruder restores the triggers.
            connection.exec_driver_sql(sql)
    database.close()
    code, said = run("check")
    assert code == 1
    assert f"A sheet of ours is wrong: store {store_id}, sheet 1: its digest is not that" in said


def test_check_finds_rows_that_name_what_is_not_there(run, tmp_path):
    run("migrate")
    engine = make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(text("INSERT INTO account VALUES (1, 1, 1, 'person', 1)"))
        connection.commit()
    engine.dispose()
    code, said = run("check")
    assert code == 1
    assert "1 rows of account refer to a missing commodity (commodity_id)" in said


def test_check_finds_a_kept_total_that_was_changed_and_recount_mends_it(run, tmp_path):
    run("migrate")
    engine = make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO issued_total VALUES (1, '2025-06-10', 1, 5)"))
    engine.dispose()
    code, said = run("check")
    assert code == 1
    assert "1 rows of issued_total are not the sums that they stand for" in said
    assert "Run `timebank recount`" in said
    code, said = run("recount")
    assert (code, "issued_total: summed again" in said) == (0, True)
    code, said = run("check")
    assert code == 0 and "totals: 4, each equals the sum of its rows" in said


def test_check_finds_a_schema_that_was_changed(run, tmp_path):
    run("migrate")
    engine = make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    with engine.begin() as connection:
        triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        (first, table_name), *_ = names = connection.execute(text(triggers)).all()
        for name, _ in names:
            connection.execute(text(f"DROP TRIGGER {name}"))
    engine.dispose()
    code, said = run("check")
    assert code == 1
    assert f"The schema was changed: trigger {first} of {table_name} is missing; " in said
    assert f"and {len(names) - 5} more. The rows there are not protected" in said


def test_a_sqlite_table_that_is_not_ours_is_named(run, tmp_path):
    run("migrate")
    engine = make_engine(f"sqlite:///{tmp_path / 'timebank.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE loose (id INTEGER)"))
    engine.dispose()
    assert "without STRICT: loose" in run("check")[1]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_used_port_gets_one_clear_sentence(run, taken_port, command):
    code, said = run(command, PORT=taken_port)
    assert code == 1
    assert said.startswith(f"Error: Port {taken_port} is in use already")
    assert len(said.splitlines()) == 1


def test_the_port_of_the_kiosk_is_named_by_its_own_variable(run, taken_port):
    code, said = run("demo", PORT="1", KIOSK_PORT=taken_port)
    assert code == 1
    code, said = run("kiosk", KIOSK_PORT=taken_port)
    assert (code, "KIOSK_PORT=" in said) == (1, True)


def test_a_port_that_makes_no_sense_gets_one_clear_sentence(run):
    code, said = run("serve", PORT="many")
    assert (code, said) == (1, "Error: PORT=many is not a valid value.\n")


def test_a_key_that_others_can_read_is_refused(run, tmp_path):
    run("migrate")
    run("check")
    (tmp_path / "key").chmod(0o644)
    code, said = run("check")
    assert (code, said.startswith("Error: ")) == (1, True)


def test_the_demo_never_touches_another_community(run, tmp_path):
    address = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(address)
    engine = make_engine(address)
    with engine.begin() as connection:
        key = {"id": 1, "code": "real", "name_zh": "真社区", "name_en": "Real"}
        connection.execute(insert(community).values(**key))
    engine.dispose()
    for words in (["demo", "--data-only"], ["demo", "--fresh", "--data-only"]):
        code, said = run(*words)
        assert code == 1
        assert "holds the community real, not the sample" in said


def test_a_story_that_comes_out_is_green(run):
    story = str(ROOT / "tests" / "stories" / "s01_time_deposit.yaml")
    code, said = run("play", story)
    assert code == 0, said
    assert "gave the expected result" in said


def test_a_story_that_comes_out_otherwise_ends_red(run, tmp_path):
    story = (ROOT / "tests" / "stories" / "s01_time_deposit.yaml").read_text("utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(story.replace("LATE_RECORD", "SELF_CONFIRM").replace("16:00", "17:00"))
    assert story != wrong.read_text("utf-8")
    assert run("play", str(wrong))[0] == 1


def test_columns_stand_straight_under_chinese_words():
    lines = table([("who", "name"), ("志愿者", "V01"), ("店管员", "赵丙一")])
    assert width("志愿者 V01") == 10
    assert lines == [
        "who     name",
        "──────────────",
        "志愿者  V01",
        "店管员  赵丙一",
    ]


def test_a_newcomer_is_led_to_pages_that_are_there(sqlite_copies, info):
    database = Database(sqlite_copies.fresh(), info=info)
    app = create_app({"DATABASE": database, "COMMUNITY_ID": 1, "SECRET_KEY": "test"})
    known = {rule.rule for rule in app.url_map.iter_rules()}
    database.close()
    assert {path for path, _ in FIRST.values()} <= known


def test_the_welcome_names_addresses_and_everybody_who_can_sign_in():
    who = [
        SignIn(
            role="claimant",
            login_name="claimant",
            password="demo",
            card_no="304920382",
            pin="2468",
        ),
        SignIn(role="hotline", login_name="h", password="p"),
    ]
    said = welcome("http://web", "http://kiosk", who)
    assert "http://web\n" in said
    assert "http://kiosk\n" in said
    assert "claimant  demo      304920382, 2468  /me/take" in said
    assert max(width(line) for line in said.splitlines()) <= 110


def test_forgetting_a_second_factor_says_who_has_none(run, tmp_path):
    url = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(url)
    code, said = run("forget-factor", "lin")
    assert code == 1
    assert said.startswith("Error: There is no community yet. Found one with `timebank found")
    engine = make_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        row = {"id": 1, "code": "one", "name_zh": "一", "name_en": "One"}
        connection.execute(insert(community).values(**row))
    engine.dispose()
    code, said = run("forget-factor", "lin")
    assert (code, said) == (1, "Error: lin has no second factor in one.\n")


def test_unlocking_says_what_it_freed_and_what_it_needs(run, tmp_path, info):
    url = f"sqlite:///{tmp_path / 'timebank.sqlite'}"
    migrate(url)
    key = {"TIMEBANK_KEY": base64.b64encode(bytes(range(32))).decode()}
    assert run("tidy", **key)[0] == 0  # Which registers the key.
    assert run("unlock")[0] == run("unlock", "--name", "x", "--person", "1")[0] == 2
    database = Database(url, info=info)
    row = {"id": 1, "code": "one", "name_zh": "一", "name_en": "One"}
    database.write(lambda session, now: session.execute(insert(community).values(**row)))
    house = House(database)
    for _ in range(2):
        house.guess(at="2001:db8::/64")
    for number in range(20):
        house.guess(at="2001:db8::/64", login_name=f"guess-{number}")
    database.close()
    code, said = run("unlock", "--name", house.login_name, **key)
    assert (code, said) == (
        0,
        f"{house.login_name} can try again. Counts of failures that are gone: password (2).\n",
    )
    assert "nothing to free" in run("unlock", "--card", house.card.card_no, **key)[1]
    assert run("unlock", "--address", "2001:db8::99", **key) == (
        0, "Strangers at 2001:db8::/64 can try again.\n",
    )  # fmt: skip
    assert "nothing to free" in run("unlock", "--address", "2001:db8::7", **key)[1]
    assert run("unlock", "--name", "nobody", **key)[0] == 1
    assert "is no network address" in run("unlock", "--address", "shop", **key)[1]
