"""``timebank calendar``: the working days of a year come from a file."""

from datetime import date

import pytest
from click.testing import CliRunner

from timebank import cli
from timebank.db import Database
from timebank.deeds.working_days import BUILT_IN_UNTIL_ON
from timebank.people.actions import found_community

NEXT = BUILT_IN_UNTIL_ON.year + 1
WHOLE = f"""
year = {NEXT}
source = "放假通知"
rests = ["{NEXT}-01-01", "{NEXT}-02-01/{NEXT}-02-07"]
works = []
"""


@pytest.fixture
def run(tmp_path):
    told = {"TIMEBANK_DATA": str(tmp_path / "data"), "TIMEBANK_DATABASE": ""}

    def runs(*words):
        return CliRunner().invoke(cli.main, list(words), env=told)

    assert runs("migrate").exit_code == 0
    database = Database(f"sqlite:///{tmp_path / 'data' / 'timebank.sqlite'}")
    database.write(
        lambda session, now: found_community(
            session, now=now, code="shifan", name_zh="示范社区", name_en="Sample community"
        )
    )
    database.close()
    return runs


def written(tmp_path, text):
    file = tmp_path / "year.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_year_is_imported_and_lengthens_the_table(run, tmp_path):
    assert f"Known until {BUILT_IN_UNTIL_ON}. Own years: none." in run("calendar", "show").output
    done = run("calendar", "import", written(tmp_path, WHOLE))
    assert done.exit_code == 0, done.output
    assert f"Working days of {NEXT} are in force" in done.output
    assert f"The table reaches to {date(NEXT, 12, 31)}." in done.output
    assert f"Known until {date(NEXT, 12, 31)}. Own years: {NEXT}." in run("calendar", "show").output
    assert f"working days are known until {date(NEXT, 12, 31)}" in run("check").output
    for fault, named in FAULTS.items():
        refused = run("calendar", "import", written(tmp_path, fault))
        assert refused.exit_code == 1 and named in refused.output, (fault, refused.output)
        assert len(refused.output.splitlines()) == 1


FAULTS = {
    "year = ": "year.toml",
    WHOLE.replace("works", "worked"): "worked is no word",
    WHOLE.replace(f"year = {NEXT}", 'year = "x"'): "a year and a source are needed",
    WHOLE.replace("-02-07", "-02-30"): "rests",
    WHOLE.replace(f"{NEXT}-01-01", f"{NEXT + 1}-01-01"): "rests is not right (range)",
    WHOLE.replace("works = []", f'works = ["{NEXT}-02-01"]'): "works is not right (repeated)",
}
