"""An export with one change: it is always reported or refused in one sentence."""

import json
import math
import random
from contextlib import suppress

import pytest

from tests.checking.planting import TILE, keys, make_books
from tests.conftest import only_on
from tests.counts import repeats
from tests.factories import make_by
from timebank.checking import log
from timebank.checking.books import check_books, report
from timebank.checking.export_reader import reading_export
from timebank.checking.export_writer import jsonl
from timebank.checking.plain_text import beancount
from timebank.checking.reading import Books, NotReadable

SEED, VALUES, LINES = 20250610, repeats(250, 1000), repeats(60, 240)


@pytest.fixture
def good(session, now, monkeypatch):
    monkeypatch.setattr(log, "TILE", TILE)
    make_books(session, by=make_by("keeper"), now=now)
    return [json.loads(line) for line in jsonl(Books(session.connection()))]


@pytest.fixture
def judged(tmp_path):
    """Check a file: the sentence that refuses it, or the faults; empty if it passed."""
    path = tmp_path / "books.jsonl"

    def judge(content):
        path.write_bytes(content)
        try:
            with reading_export(path) as books:
                lines, _ = report(check_books(books, keys()))
                _write_plainly(books)
        except NotReadable as why:
            return [str(why)]
        return [line for line in lines if line.startswith("✗")]

    return judge


def _write_plainly(books):
    with suppress(NotReadable):  # It may be refused, but must not end in a traceback.
        list(beancount(books, "ours"))


def dumped(rows):
    return "\n".join(map(json.dumps, rows)).encode()


def spoilt(old, chance):
    """Another JSON value in place of a value: similar, or very different."""
    values = [None, "", "x", True, False, math.nan, math.inf, [], {}, [old], {"a": old}, "\ud800"]
    values += [0, -1, 1.5, 2**31, 2**63 - 1, -(2**63), 2**63, 2**70, "\0", "zz", "00", "00" * 32]
    if isinstance(old, int):
        values += [old + 1, old - 1, -old, old + 0.5, float(old), str(old), old + 2**64]
    if isinstance(old, str):
        values += [old + "0", f" {old}", old[:-1], old + "\n", old + "\u200b"]
    return chance.choice([new for new in values if (type(new), new) != (type(old), old)])


@only_on("sqlite")
def test_a_good_export_passes(good, judged):
    assert judged(dumped(good)) == []


@pytest.mark.slow
@only_on("sqlite")
def test_no_value_of_ours_is_spoilt_unseen(good, judged):
    chance = random.Random(SEED)
    ours = [row for row in good if row.get("community_id", row.get("id")) == 1]
    places = sorted({(row["table"], column) for row in ours for column in row})
    for round_ in range(VALUES):
        table, column = places[round_ % len(places)]
        row = chance.choice([row for row in ours if row["table"] == table])
        new = spoilt(row[column], chance)
        content = dumped([one if one is not row else one | {column: new} for one in good])
        assert judged(content), f"{table}.{column}: {row[column]!r} became {new!r}"


@only_on("sqlite")
def test_no_line_is_spoilt_unseen(good, judged):
    chance = random.Random(SEED)
    lines = [json.dumps(row).encode() for row in good]
    for _ in range(LINES):
        at = chance.randrange(len(lines))
        line = lines[at]
        cut = chance.randrange(len(line))
        new = chance.choice(
            (
                [],
                [line, line],
                [line[:cut]],
                [line[:cut] + bytes([chance.randrange(128, 256)]) + line[cut:]],
                [line[:-1] + b', "more": 1}'],
            )
        )
        content = b"\n".join([*lines[:at], *new, *lines[at + 1 :]])
        assert judged(content), (at, new)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\0" * 100, b"\xff\xfe" * 50, b"[" * 100_000, b'{"table":' * 50_000, b"1e400"],
    ids=["nothing", "a line", "zeros", "no text", "deep", "deep rows", "a number"],
)
def test_what_never_was_an_export_is_refused_in_one_sentence(content, judged):
    (told_,) = judged(content)
    assert "export" in told_ and "\n" not in told_
