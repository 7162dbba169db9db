"""``timebank open-backup`` decrypts a backup of the pages for an operator."""

import pytest
from click.testing import CliRunner

from tests.factories.restoring import PASS, make_machine
from timebank import cli
from timebank.backups.bundle import DATABASE

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def made(tmp_path, clock, now, engine_name):
    machine = make_machine(tmp_path / "server", clock)
    yield machine.backup(now)
    machine.database.close()


def opened(path, folder, typed):
    words = ["open-backup", str(path), "--to", str(folder)]
    result = CliRunner().invoke(cli.main, words, input=f"{typed}\n")
    return result.exit_code, result.output


def test_the_pass_opens_it_into_a_new_folder(made, tmp_path):
    code, said = opened(made, tmp_path / "into", PASS)
    assert code == 0 and "sqlite of 2025-06-10T02:00:00Z" in said
    content = (tmp_path / "into" / DATABASE).read_bytes()
    assert content.startswith(b"SQLite format 3")
    code, said = opened(made, tmp_path / "into", PASS)
    assert code == 1 and "File exists" in said
    assert (tmp_path / "into" / DATABASE).read_bytes() == content


def test_what_cannot_be_opened_leaves_nothing(made, tmp_path):
    code, said = opened(made, tmp_path / "into", "wrong")
    assert code == 1 and "the pass is wrong" in said and not (tmp_path / "into").exists()
    made.write_bytes(made.read_bytes()[:-10])
    code, said = opened(made, tmp_path / "into", PASS)
    assert code == 1 and "its end is missing" in said and not (tmp_path / "into").exists()
