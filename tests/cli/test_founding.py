"""``timebank found``: a file founds a community whole, once, and every fault is a sentence."""

import re

import pytest
from click.testing import CliRunner

from timebank import cli
from timebank.checking.backups import was_made
from timebank.founding.files import EXAMPLES

SMALL = EXAMPLES / "small.toml"


@pytest.fixture
def run(tmp_path):
    told = {"TIMEBANK_DATA": str(tmp_path / "data"), "TIMEBANK_DATABASE": ""}

    def runs(*words):
        return CliRunner().invoke(cli.main, list(map(str, words)), env=told)

    assert runs("migrate").exit_code == 0
    return runs


def test_a_file_founds_a_community_and_says_who_signs_in(run):
    done = run("found", SMALL)
    assert done.exit_code == 0, done.output
    assert "柳园社区 (liuyuan) is founded: 2 grids, 12 buildings" in done.output
    assert re.search("林乙二  [0-9A-Z]{5}-[0-9A-Z]{5}\n", done.output)
    assert "books of liuyuan: 7 commodities, each sums to zero" in run("check").output


def test_a_second_time_is_refused_and_changes_nothing(run):
    run("found", SMALL)
    again = run("found", SMALL)
    assert again.exit_code == 1
    assert again.output == (
        "Error: small.toml: there is a community with the code liuyuan already:"
        " nothing was changed.\n"
    )


def test_a_trial_founds_nothing(run):
    assert "small.toml has no fault" in run("found", "--check", SMALL).output
    assert run("found", SMALL).exit_code == 0


def test_every_fault_is_a_line_of_its_own(run, tmp_path):
    file = tmp_path / "place.toml"
    text = SMALL.read_text("utf-8").replace('"440106"', '"1"').replace("grids = 2", "grids = 0")
    file.write_text(text, "utf-8")
    told = run("found", file)
    assert told.exit_code == 1
    assert len(told.output.splitlines()) == 2
    assert "Error: place.toml, line 9, [community], division_code: expected" in told.output
    assert run("found", SMALL).exit_code == 0  # Nothing of it was founded.


def test_another_database_is_named_by_its_address(run, tmp_path):
    missing = run("found", "--database", f"sqlite:///{tmp_path}/other.sqlite", SMALL)
    assert missing.exit_code == 1 and "There is no database" in missing.output
    assert not (tmp_path / "other.sqlite").exists()
    assert "--database: expected an address" in run("found", "--database", "::", SMALL).output


def test_a_code_for_the_pages_is_printed_until_there_is_a_community(run):
    first, second = run("set-up-code"), run("set-up-code")
    assert "/set-up and type the code " in first.output and first.exit_code == 0
    assert first.output != second.output
    run("found", SMALL)
    over = run("set-up-code")
    assert (over.exit_code, over.output) == (
        1, "Error: There is a community already: the set-up is over.\n",
    )  # fmt: skip


def test_a_backup_is_noted_wherever_it_lies(run, tmp_path):
    run("found", SMALL)
    data = tmp_path / "data"
    assert not was_made(data)
    assert run("backup", "--to", tmp_path / "elsewhere").exit_code == 0
    assert was_made(data)
