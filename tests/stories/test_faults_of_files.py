"""A file with a fault gets one sentence with file, step and word, and the other files still run."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from tests.conftest import only_on
from tests.databases import Copies
from timebank.cli import main
from timebank.db import make_engine
from timebank.deeds.tables import community
from timebank.demo.player import files
from timebank.demo.player.play import verbs_of
from timebank.demo.player.reading import shape_of
from timebank.demo.player.scratch import scratch_database
from timebank.stories.shapes import Shaped
from timebank.stories.written import DEEPEST, LARGEST_CHARACTERS
from timebank.subjects import subjects

CAST = """\
begins: 2025-06-01 09:00
cast:
  homes:
    H1: {building: 1}
    H2: {building: 2}
  people:
    V01: {name: 陈甲一, born: 1975-03-02, home: H1, volunteer: true}
    R01: {name: 林乙二, born: 1950-01-01, home: H2}
  staff:
    K1: {name: 王丙三, roles: [social_worker, keeper]}
    C1: {name: 赵丁四, roles: [coordinator]}
"""
GOOD = (
    CAST
    + """\
steps:
  - by: C1
    open hours: {who: V01, balance: 12:00, cumulative: 36:00}
  - at: 2025-06-10 21:00
    by: K1
    enter service:
      records:
        - {name: a, who: V01, for: R01, service: 陪伴, from: 2025-06-10 9:00, to: 2025-06-10 11:30}
    then: {entered: 1}
  - at: 2025-06-10 21:10
    by: R01
    confirm service: {records: [a], as: recipient}
  - by: C1
    confirm service: {records: [a], as: organiser}
    then: {records: {a: {real: 2:30, credited: 2:30}}}
  - check: {hours: {V01: {balance: 14:30, cumulative: 38:30}}, sums: zero}
"""
)


def play_files(folder: Path, *files: tuple[str, str | bytes], words: tuple[str, ...] = ()):
    """Play files of these contents; return the exit code and everything that was printed."""
    paths = []
    for name, content in files:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(str(path))
    result = CliRunner().invoke(main, ["play", *words, *paths])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def one_step(step: str) -> str:
    return f"{CAST}steps:\n  - {step}\n"


def test_hours_and_times_are_read_without_quotes(tmp_path: Path) -> None:
    code, said = play_files(tmp_path, ("good.yaml", GOOD))
    assert code == 0, said


def test_hours_that_differ_turn_red_all_the_same(tmp_path: Path) -> None:
    code, said = play_files(
        tmp_path, ("good.yaml", GOOD.replace("balance: 14:30", "balance: 2:30"))
    )
    assert code == 1
    assert "good.yaml, step 5, check: hours.V01.balance: wanted 2:30, found 14:30" in said


READ = {
    "with a byte order mark": GOOD.encode("utf-8-sig"),
    "with the line ends of Windows": GOOD.replace("\n", "\r\n").encode(),
    "full-width hours": GOOD.replace("balance: 12:00", "balance: １２：００").encode(),
    "full-width day": GOOD.replace("born: 1950-01-01", "born: １９５０－０１－０１").encode(),
    "a number in quotes": GOOD.replace("building: 1", 'building: "1"').encode(),
    "a full-width number": GOOD.replace("building: 1", "building: １").encode(),
    "full-width in the result": GOOD.replace("entered: 1", "entered: １").encode(),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ.keys())
def test_what_an_editor_or_a_chinese_keyboard_writes_is_read(
    tmp_path: Path, content: bytes
) -> None:
    assert content != GOOD.encode()
    code, said = play_files(tmp_path, ("typed.yaml", content))
    assert code == 0, said


FAULTS = {
    "a misspelt verb": (
        one_step("cliam: {lines: {肥皂: 1}}"),
        "bad.yaml, step 1, cliam: there is no verb 'cliam'; did you mean 'claim'?",
    ),
    "a misspelt word of a step": (
        one_step("{byy: R01, claim: {lines: {肥皂: 1}}}"),
        "bad.yaml, step 1: there is no word 'byy'; did you mean 'by'?",
    ),
    "a misspelt word of a verb": (
        one_step("{by: R01, claim: {line: {肥皂: 1}}}"),
        "bad.yaml, step 1, claim: there is no word 'line'; did you mean 'lines'?",
    ),
    "a misspelt word of a list": (
        one_step("{by: K1, enter service: {records: [{whom: V01}]}}"),
        "bad.yaml, step 1, enter service: records[1]: there is no word 'whom'",
    ),
    "a misspelt check": (
        one_step("check: {hour: {V01: {balance: 0:00}}}"),
        "bad.yaml, step 1, check: there is no check 'hour'; did you mean 'hours'?",
    ),
    "a misspelt value of a check": (
        one_step("check: {hours: {V01: {balence: 0:00}}}"),
        "check: hours.V01: there is no word 'balence'; did you mean 'balance'?",
    ),
    "a misspelt refusal": (
        one_step("{by: R01, claim: {lines: {肥皂: 1}}, refused: TIME_OVERLOP}"),
        "refused: there is no refusal 'TIME_OVERLOP'; did you mean 'TIME_OVERLAP'?",
    ),
    "a misspelt word of the answer": (
        one_step("{by: K1, stock: {s: {item: 肥皂, pieces: 1}}, then: {acepted: 1}}"),
        "bad.yaml, step 1, stock: acepted: the result has no such word; did you mean 'accepted'?",
    ),
    "a misspelt name": (
        one_step("{by: R1, claim: {lines: {肥皂: 1}}}"),
        "bad.yaml, step 1, claim: nobody in the cast is called 'R1'; did you mean 'R01'?",
    ),
    "a misspelt item": (
        one_step("{by: K1, stock: {s: {item: 肥造, pieces: 1}}}"),
        "bad.yaml, step 1, stock: no item is called '肥造'",
    ),
    "a misspelt section": (
        GOOD.replace("cast:", "casts:"),
        "bad.yaml: there is no section 'casts'; did you mean 'cast'?",
    ),
    "misspelt steps": (GOOD.replace("steps:", "step:"), "bad.yaml: a story needs steps"),
    "a misspelt role": (
        GOOD.replace("[coordinator]", "[cordinator]"),
        "bad.yaml: cast.staff.C1.roles[1]: 'cordinator' is none of",
    ),
    "a home that is not there": (
        GOOD.replace("home: H2", "home: H3"),
        "bad.yaml: cast.people.R01.home: there is no home 'H3'",
    ),
    "a repeated key of a step": (
        one_step("{by: R01, by: K1, lapse: {}}"),
        "bad.yaml, step 1, line 13: the word 'by' stands twice",
    ),
    "a repeated name of the cast": (
        GOOD.replace("    R01: {", "    V01: {"),
        "bad.yaml, line 8: the word 'V01' stands twice",
    ),
    "a repeated section": (GOOD + "cast: {}\n", "line 28: the word 'cast' stands twice"),
    "a missing word": (
        one_step("{by: R01, claim: {name: c1}}"),
        "bad.yaml, step 1, claim: the word 'lines' is missing",
    ),
    "a missing word of the cast": (
        GOOD.replace(", born: 1950-01-01", ""),
        "bad.yaml: cast.people.R01: the word 'born' is missing",
    ),
    "a number where a mapping belongs": (
        one_step("{by: R01, claim: 3}"),
        "bad.yaml, step 1, claim: expected words with values, found 3",
    ),
    "a list where a mapping belongs": (
        one_step("{by: R01, claim: {lines: [肥皂]}}"),
        "bad.yaml, step 1, claim: lines: expected names with values, found a list",
    ),
    "a mapping where a list belongs": (
        one_step("{by: K1, enter service: {records: {who: V01}}}"),
        "enter service: records: expected a list, found words with values",
    ),
    "steps that are a mapping": (
        f"{CAST}steps:\n  claim: {{}}\n",
        "bad.yaml: steps: expected a list, found words with values",
    ),
    "a step that is a text": (one_step("claim"), "bad.yaml, step 1: a step is a mapping"),
    "a file that is a list": ("- claim: {}\n", "bad.yaml: a story needs steps"),
    "a result that is no mapping": (
        one_step("{lapse: {}, then: 3}"),
        "bad.yaml, step 1: then: expected words with values, found 3",
    ),
    "a word for a number": (
        one_step("{by: R01, claim: {lines: {肥皂: two}}}"),
        "bad.yaml, step 1, claim: lines.肥皂: expected a whole number, found 'two'",
    ),
    "half a piece": (
        one_step("{by: R01, claim: {lines: {肥皂: 1.5}}}"),
        "lines.肥皂: expected a whole number, found '1.5'",
    ),
    "true for a number": (
        one_step("{by: R01, claim: {lines: {肥皂: true}}}"),
        "lines.肥皂: expected a whole number, found True",
    ),
    "a number below zero": (
        one_step("{by: R01, claim: {lines: {肥皂: -1}}}"),
        "lines.肥皂: expected a whole number from 0",
    ),
    "a number beyond the books": (
        one_step("{by: R01, claim: {lines: {肥皂: 99999999999999999}}}"),
        "lines.肥皂: expected a whole number from 0",
    ),
    "nothing for a number": (
        one_step("{by: R01, claim: {lines: {肥皂: }}}"),
        "lines.肥皂: expected a whole number, found nothing",
    ),
    "a number for hours": (
        one_step("{by: C1, open hours: {who: V01, balance: 12, cumulative: 36:00}}"),
        "open hours: balance: expected hours and minutes like 2:30, found 12",
    ),
    "sixty minutes": (
        one_step("{by: C1, open hours: {who: V01, balance: 2:60, cumulative: 36:00}}"),
        "balance: expected hours and minutes like 2:30, found '2:60'",
    ),
    "30 February": (
        one_step("{at: 2025-02-30 09:00, lapse: {}}"),
        "bad.yaml, step 1: at: there is no day 2025-02-30",
    ),
    "30 February in a verb": (
        one_step("{by: K1, stock: {s: {item: 肥皂, pieces: 1, best_before: 2025-02-30}}}"),
        "bad.yaml, step 1, stock: s.best_before: there is no day 2025-02-30",
    ),
    "30 February in the result": (
        one_step("{lapse: {}, then: {until: 2025-02-30 23:59}}"),
        "bad.yaml, step 1: then.until: there is no day 2025-02-30",
    ),
    "30 February of the cast": (
        GOOD.replace("1950-01-01", "1950-02-30"),
        "bad.yaml: cast.people.R01.born: there is no day 1950-02-30",
    ),
    "30 February at the beginning": (
        GOOD.replace("begins: 2025-06-01", "begins: 2025-02-30"),
        "bad.yaml: begins: there is no day 2025-02-30",
    ),
    "a day that is another word": (
        one_step("{at: tomorrow, lapse: {}}"),
        "bad.yaml, step 1: at: 'tomorrow' is not a time like 2025-06-10 09:00",
    ),
    "a day of the year one": (
        GOOD.replace("begins: 2025-06-01 09:00", "begins: 0001-01-01 00:00"),
        "bad.yaml: begins:",
    ),
    "a building that is not there": (
        GOOD.replace("building: 1", "building: 99"),
        "bad.yaml: no building is called '99'",
    ),
    "an unknown preset": ("preset: ../demo\n" + GOOD, "bad.yaml: preset: '../demo' is none of"),
    "a tab": ("steps:\n\t- lapse: {}\n", "bad.yaml, line 2: a tab: indent with spaces"),
    "a full-width colon": (
        "steps：\n  - lapse: {}\n",
        "a full-width colon ： stands here: write : and a space after a word",
    ),
    "an open bracket": ("steps:\n  - lapse: {\n", "bad.yaml, step 1"),
    "an anchor": (
        "steps:\n  - &a {lapse: {}}\n  - *a\n",
        "bad.yaml, step 1, line 2: anchors (& and *) are not read: write it out",
    ),
    "an alias": ("steps:\n  - *a\n", "anchors (& and *) are not read"),
    "a tag": (
        "steps: !!python/object/apply:os.getcwd []\n",
        "bad.yaml, line 1: tags (!) are not read",
    ),
    "a merged key": (one_step("{<<: {by: R01}, lapse: {}}"), "expected one verb"),
    "deep nesting": ("steps: " + "[" * 5000, f"nested deeper than {DEEPEST} levels"),
    "deep mappings": ("steps: " + "{a: " * 5000, f"nested deeper than {DEEPEST} levels"),
    "deep blocks": ("steps:\n" + "- " * 5000, f"nested deeper than {DEEPEST} levels"),
    "a word that is a list": ("steps:\n  - {[a]: b}\n", "a word must be a text"),
    "two documents": (GOOD + "---\n" + GOOD, "a second document begins"),
    "an empty file": ("", "bad.yaml: a story needs steps"),
    "no step": ("steps: []\n", "bad.yaml: a story needs steps"),
    "another encoding": (GOOD.encode("gb18030"), "bad.yaml: it is not UTF-8"),
    "two bytes a character": (GOOD.encode("utf-16"), "bad.yaml: it is not UTF-8"),
    "a byte that no text has": ("steps:\n  - lapse: {a: \0}\n", "bad.yaml: it is not a text"),
    "a very long file": ("#" * (LARGEST_CHARACTERS + 1), "bad.yaml: a story has at most"),
}


@pytest.mark.parametrize(("content", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_sentence_with_its_place(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    code, said = play_files(tmp_path, ("bad.yaml", content))
    assert code == 1
    assert sentence in said
    assert "Traceback" not in said
    assert said.count("bad.yaml") == 1


def test_an_enrolled_person_does_not_take_a_name_of_the_cast(tmp_path: Path) -> None:
    enrolment = "enrol household: {no: H-9, building: 9, people: [{who: V01, name: 黄戊五}]}"
    step = f"by: K1\n    {enrolment}"
    status, told = play_files(tmp_path, ("x.yaml", one_step(step)))
    assert status == 1
    assert "somebody in the cast is called 'V01' already" in told


def test_the_other_files_still_run(tmp_path: Path) -> None:
    bad = ("bad.yaml", one_step("cliam: {}"))
    code, said = play_files(tmp_path, bad, ("good.yaml", GOOD), ("worse.yaml", ""))
    assert code == 1
    assert "all 5 steps gave the expected result" in said
    assert "1 of 3 files gave the expected results" in said


def test_a_folder_and_a_missing_file_do_not_stop_the_others(tmp_path: Path) -> None:
    words = (str(tmp_path), str(tmp_path / "gone.yaml"))
    code, said = play_files(tmp_path, ("good.yaml", GOOD), words=words)
    assert code == 1
    assert "it is a folder; name the files in it" in said
    assert "gone.yaml: there is no such file" in said
    assert "1 of 3 files gave the expected results" in said


def test_a_failure_of_the_program_names_its_step_and_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = next(one for one in subjects() if "open_hours" in one.verbs)
    broken = {**hours.verbs, "open_hours": lambda stage, by, body: 1 // 0}
    planted = tuple(replace(one, verbs=broken) if one is hours else one for one in subjects())
    monkeypatch.setattr(files, "subjects", lambda: planted)
    code, said = play_files(tmp_path, ("bad.yaml", GOOD), ("good.yaml", one_step("lapse: {}")))
    assert code == 1
    assert "bad.yaml, step 1, open hours: the program failed (ZeroDivisionError)" in said
    assert "1 of 2 files gave the expected results" in said


def test_each_verb_check_and_setting_says_what_it_takes() -> None:
    verbs = verbs_of(subjects())
    checks = {name: check for one in subjects() for name, check in one.checks.items()}
    unshaped = [name for name, one in {**verbs, **checks}.items() if not isinstance(one, Shaped)]
    assert unshaped == []
    assert all(callable(shape_of(one)) for one in verbs.values())


def test_stories_are_played_beside_the_database_that_is_named(
    tmp_path: Path, copies: Copies, engine_name: str
) -> None:
    url = copies.fresh()
    words = ("--database", url)
    code, said = play_files(tmp_path, ("good.yaml", GOOD), ("again.yaml", GOOD), words=words)
    assert code == 0, said
    assert "2 of 2 files gave the expected results" in said
    engine = make_engine(url)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(community)).scalar() == 2
        if engine_name == "postgresql":
            names = connection.execute(text("SELECT datname FROM pg_database")).scalars()
            assert [name for name in names if name.startswith("timebank_story")] == []
    engine.dispose()
    copies.drop(url)


@only_on("postgresql")
def test_the_address_decides_where_a_story_is_played(
    copies: Copies,
) -> None:
    url = copies.fresh()
    with scratch_database(url) as database:
        assert database.engine.dialect.name == "postgresql"
    copies.drop(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "--database: expected an address"),
        ("mysql://localhost/x", "--database: stories are played on SQLite and PostgreSQL only"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/x", "The database cannot be used"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, url: str, sentence: str
) -> None:
    code, said = play_files(tmp_path, ("good.yaml", GOOD), words=("--database", url))
    assert code == 1
    assert sentence in said
    assert "Traceback" not in said
