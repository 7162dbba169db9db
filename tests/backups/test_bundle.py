"""A backup in one file: what it holds comes back, and a wrong file gets its own sentence."""

import hashlib
import json
import os
import stat
import struct
import zlib

import pytest

from timebank.backups import bundle
from timebank.backups.bundle import BundleUnfit, Header, read_header, unpack, write_bundle
from timebank.oversight.rules import PASS_LETTERS, pass_of_digest

PASS = "0123456789ABCDEFGHJKMNPQR"
MOST = 64 * 1024 * 1024
SIZE = 5 * 1024 * 1024 + 7


def header(size=SIZE):
    made_at = "2026-12-01T04:00:00Z"
    return Header(made_at=made_at, engine="sqlite", schema="0026", program="1", size=size)


@pytest.fixture
def parts(tmp_path):
    """A database that does not compress, and a file beside it."""
    database, picture = tmp_path / "live.sqlite", tmp_path / "picture"
    database.write_bytes(os.urandom(SIZE))
    picture.write_bytes(b"a picture")
    name = hashlib.sha256(b"a picture").hexdigest() + ".jpg"
    return {bundle.DATABASE: database, name: picture}


def written(path, members, *, typed=PASS, size=None):
    total = size or sum(member.stat().st_size for member in members.values())
    write_bundle(path, header(total), members, typed=typed, report=lambda done, of: None)
    return path


@pytest.fixture
def made(tmp_path, parts):
    return written(tmp_path / "one.tbk", parts)


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def why(path, into, *, typed=PASS, most_bytes=MOST):
    with pytest.raises(BundleUnfit) as refused:
        unpack(path, into, typed=typed, most_bytes=most_bytes)
    return refused.value.why


def test_what_was_packed_comes_back(made, parts, into):
    assert unpack(made, into, typed=PASS, most_bytes=MOST) == read_header(made)
    assert {file.name: file.read_bytes() for file in into.iterdir()} == {
        name: member.read_bytes() for name, member in parts.items()
    }
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_drawn_pass_is_read_from_paper_in_any_way(made, into):
    typed = "0l23456789abcdefghjkmnpqr "  # A letter for a digit, lower case, a space behind.
    unpack(made, into, typed=typed.upper().replace("0", "O", 1), most_bytes=MOST)
    drawn = pass_of_digest(bytes(range(32)))
    assert len(drawn.replace("-", "")) == PASS_LETTERS and len(set(drawn)) > 10


def test_a_pass_of_ones_own_is_taken_as_typed(tmp_path, parts, into):
    own = "柳园社区 备份 Passphrase 7"
    path = written(tmp_path / "own.tbk", parts, typed=own)
    assert why(path, into, typed=own.lower()) == "pass"
    unpack(path, into, typed=f" {own} ", most_bytes=MOST)


def test_nothing_of_the_content_stands_in_the_file(tmp_path, into):
    secret = tmp_path / "secret"
    secret.write_bytes(b"Chen Jiayi" * 100)
    packed = written(tmp_path / "secret.tbk", {bundle.DATABASE: secret}).read_bytes()
    assert b"Chen" not in packed and zlib.compress(b"Chen Jiayi" * 100)[2:12] not in packed


def test_a_wrong_pass_is_told(made, into):
    assert why(made, into, typed=PASS[::-1]) == "pass"


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"SQLite format 3\0", b"timebank\n" * 9])
def test_another_file_is_foreign(tmp_path, into, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    assert why(path, into) == "foreign"


def test_a_file_of_a_later_format_is_too_new(made, into):
    made.write_bytes(made.read_bytes().replace(b"bundle-1\n", b"bundle-2\n", 1))
    assert why(made, into) == "too_new"


def lengths(made):
    """Where the header, and each part, begin and end."""
    content = made.read_bytes()
    start = len(bundle._FORMAT)
    body = start + 4 + struct.unpack(">I", content[start : start + 4])[0] + 8
    part = bundle._PART + 16
    return [start, start + 3, body - 9, body, body + 9, body + part, body + 2 * part + 1]


def test_a_file_that_was_cut_off_is_told_wherever_it_ends(made, into):
    content = made.read_bytes()
    for end in (*lengths(made), len(content) - 1):
        made.write_bytes(content[:end])
        assert why(made, into) == "truncated", end
        for file in into.iterdir():
            file.unlink()


def test_a_changed_bit_is_told_wherever_it_is(made, into):
    content = made.read_bytes()
    for at in (len(content) // 2, len(content) - 1, *lengths(made)[3:]):
        changed = bytearray(content)
        changed[at] ^= 1
        made.write_bytes(bytes(changed))
        assert why(made, into) == "damaged", at
        for file in into.iterdir():
            file.unlink()


def test_two_parts_that_changed_places_are_noticed(made, into):
    content, body, part = made.read_bytes(), lengths(made)[3], bundle._PART + 16
    first, second = content[body : body + part], content[body + part : body + 2 * part]
    made.write_bytes(content[:body] + second + first + content[body + 2 * part :])
    assert why(made, into) == "damaged"


def test_a_header_that_was_changed_opens_nothing(made, into):
    content = made.read_bytes()
    made.write_bytes(content.replace(b'"schema": "0026"', b'"schema": "0001"', 1))
    assert why(made, into) == "damaged"


@pytest.mark.parametrize(
    "told",
    [b"[]", b"{", b'{"size": 1}', b"[" * 4000, b"9" * 4000],
    ids=["list", "cut", "little", "deep", "number"],
)
def test_a_header_that_is_no_header_is_damaged(tmp_path, into, told):
    path = tmp_path / "hostile.tbk"
    path.write_bytes(bundle._FORMAT + struct.pack(">I", len(told)) + told)
    assert why(path, into) == "damaged"
    path.write_bytes(bundle._FORMAT + struct.pack(">I", 2**32 - 1) + b" " * 5000)
    assert why(path, into) == "damaged"


def test_a_bomb_writes_no_more_than_it_may(tmp_path, into):
    """It says that it is small, or that it is large: neither unpacks beyond the bound."""
    zeros = tmp_path / "zeros"
    zeros.write_bytes(bytes(16 * 1024 * 1024))
    small = written(tmp_path / "small.tbk", {bundle.DATABASE: zeros}, size=1000)
    assert small.stat().st_size < 64 * 1024
    assert why(small, into) == "large" and not list(into.iterdir())
    honest = written(tmp_path / "honest.tbk", {bundle.DATABASE: zeros})
    assert why(honest, into, most_bytes=1024 * 1024) == "large" and not list(into.iterdir())


@pytest.mark.parametrize("name", ["../climbs", "/tmp/climbs", "a" * 81, "key", "0" * 64])
def test_a_member_with_any_other_name_is_refused(tmp_path, parts, into, name):
    """Also a file whose name is not the hash of its content."""
    members = {name: parts[bundle.DATABASE], **parts}
    assert why(written(tmp_path / "names.tbk", members), into) == "names"
    assert {file.name for file in into.iterdir()} <= {"0" * 64}
    assert not (tmp_path / "climbs").exists()


def test_a_bundle_without_a_database_is_refused(tmp_path, parts, into):
    del parts[bundle.DATABASE]
    assert why(written(tmp_path / "none.tbk", parts), into) == "names"


def test_the_header_says_what_it_is(made):
    assert json.loads(made.read_bytes().split(b"\n", 1)[1][4:].split(b"}")[0] + b"}")["size"]
    assert read_header(made).engine == "sqlite"
