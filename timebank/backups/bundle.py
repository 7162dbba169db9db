"""A backup in one file: the database and the files beside it, packed and encrypted by a pass.

The file begins with a line of its format and a header in clear text, so that a wrong file is
recognised before anybody types a pass. The rest is a compressed stream in parts, each encrypted by
AES-256-GCM under a key that scrypt derives from the pass; a part that was changed, moved or cut off
is noticed. What is sealed in the database stays sealed: the two keys of the community are not in
the file.

Nothing of a file decides where something is written: a member is *the* database, or a file whose
name is the SHA-256 of its content.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from timebank.founding.codes import LETTERS, tidy_code
from timebank.oversight.rules import PASS_LETTERS

ENDING = ".tbk"
DATABASE = "database"
MADE_AT = "%Y-%m-%dT%H:%M:%SZ"
FILE_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,5})?")
_KIND, _FORMAT = b"timebank-bundle-", b"timebank-bundle-1\n"
_HEADER_MAX, _LINE_MAX = 4096, 64
_PART = 1024 * 1024
_TAG = 16
_MEMBER = struct.Struct(">HQ")
_LENGTH = struct.Struct(">Q")
_NAME_MAX = 80
_SALT, _CHECK = 16, 16

# For an operator; the web has its own sentences.
UNFIT = {
    "foreign": "it was not made by this program",
    "too_new": "a newer version of this program made it",
    "pass": "the pass is wrong, or its beginning is damaged",
    "truncated": "its end is missing",
    "damaged": "it is damaged",
    "large": "it unpacks to more than it says, or than the disk holds",
    "names": "it holds what no backup holds",
}

Report = Callable[[int, int], object]


class BundleUnfit(Exception):
    """The file cannot be used; ``why`` names the sentence for its reader.

    ``foreign``, ``too_new``, ``pass``, ``truncated``, ``damaged``, ``large``, ``names``.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a bundle says of itself in clear text. **Units**: ``size`` in bytes, unpacked."""

    made_at: str
    engine: str
    schema: str
    program: str
    size: int

    @property
    def at(self) -> datetime:
        return read_instant(self.made_at)


def read_instant(text: str) -> datetime:
    """When a backup was made. Raises ``ValueError``."""
    return datetime.strptime(text, MADE_AT).replace(tzinfo=UTC)


def write_bundle(
    path: Path, header: Header, members: Mapping[str, Path], *, typed: str, report: Report
) -> None:
    """Pack and encrypt ``members`` (*database*, and files by the hash of their content).

    ``report`` hears how many bytes of how many are done. The caller names the whole file.
    """
    salt = os.urandom(_SALT)
    key = _key(typed, salt)
    kept = {**asdict(header), "salt": _text(salt), "check": _text(_check(key))}
    content = json.dumps(kept).encode()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_FORMAT + struct.pack(">I", len(content)) + content)
        start = file.tell()
        file.write(_LENGTH.pack(0))
        parts = _Writer(file, key, content)
        packed = 0
        for name, member in members.items():
            encoded = name.encode()
            parts.write(_MEMBER.pack(len(encoded), member.stat().st_size) + encoded)
            with member.open("rb") as opened:
                while some := opened.read(_PART):
                    parts.write(some)
                    packed += len(some)
                    report(packed, header.size)
        parts.write(_MEMBER.pack(0, 0))
        parts.end()
        length = file.tell() - start - _LENGTH.size
        file.seek(start)
        file.write(_LENGTH.pack(length))  # To tell a cut file from a damaged one.
        file.flush()
        os.fsync(file.fileno())


def read_header(path: Path) -> Header:
    """Read what a file says of itself. Raises ``BundleUnfit``."""
    with path.open("rb") as file:
        return _header(file)[0]


def unpack(path: Path, folder: Path, *, typed: str, most_bytes: int) -> Header:
    """Write the members of a bundle into an empty folder. Raises ``BundleUnfit``.

    No more than ``most_bytes`` are written, whatever the file says or unpacks to.
    """
    with path.open("rb") as file:
        header, content = _header(file)
        _require_whole(file)
        kept = json.loads(content)
        key = _key(typed, _bytes(kept["salt"]))
        if not hmac.compare_digest(_check(key), _bytes(kept["check"])):
            raise BundleUnfit("pass")
        if header.size > most_bytes:
            raise BundleUnfit("large")
        _write_members(_Reader(_parts(file, key, content)), folder, header.size)
    return header


def _header(file: BinaryIO) -> tuple[Header, bytes]:
    line = file.readline(_LINE_MAX)
    if line != _FORMAT:
        raise BundleUnfit("too_new" if line.startswith(_KIND) else "foreign")
    length = file.read(4)
    if len(length) < 4:
        raise BundleUnfit("truncated")
    count = struct.unpack(">I", length)[0]
    content = file.read(min(count, _HEADER_MAX))
    if count > _HEADER_MAX:
        raise BundleUnfit("damaged")
    if len(content) < count:
        raise BundleUnfit("truncated")
    return _read(content), content


def _require_whole(file: BinaryIO) -> None:
    """Go on behind the length of what follows, if all of it is there."""
    length = file.read(_LENGTH.size)
    start = file.tell()
    left = file.seek(0, os.SEEK_END) - start
    if len(length) < _LENGTH.size or left < _LENGTH.unpack(length)[0]:
        raise BundleUnfit("truncated")
    if left > _LENGTH.unpack(length)[0]:
        raise BundleUnfit("damaged")
    file.seek(start)


def _read(content: bytes) -> Header:
    try:
        kept = json.loads(content)
        texts = [kept[name] for name in ("made_at", "engine", "schema", "program")]
        is_fit = len(_bytes(kept["salt"])) == _SALT and len(_bytes(kept["check"])) == _CHECK
        size = kept["size"]
        read_instant(kept["made_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BundleUnfit("damaged") from None
    if not is_fit or type(size) is not int or not all(isinstance(text, str) for text in texts):
        raise BundleUnfit("damaged")
    made_at, engine, schema, program = texts
    return Header(made_at=made_at, engine=engine, schema=schema, program=program, size=size)


def _write_members(parts: "_Reader", folder: Path, size: int) -> None:
    left, names = size, set()
    while True:
        length, count = _MEMBER.unpack(parts.read(_MEMBER.size))
        if not length:
            break
        name = parts.read(length).decode("ascii", "replace") if length <= _NAME_MAX else ""
        if name in names or not (name == DATABASE or FILE_NAME.fullmatch(name)):
            raise BundleUnfit("names")
        if count > left:
            raise BundleUnfit("large")
        names.add(name)
        left -= count
        digest = _copy(parts, folder / name, count)
        if name != DATABASE and name.partition(".")[0] != digest:
            raise BundleUnfit("names")
    parts.require_end()
    if DATABASE not in names:
        raise BundleUnfit("names")


def _copy(parts: "_Reader", target: Path, count: int) -> str:
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while count:
            some = parts.read(min(count, _PART))
            digest.update(some)
            file.write(some)
            count -= len(some)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


class _Writer:
    """Compresses and encrypts a stream part by part."""

    def __init__(self, file: BinaryIO, key: bytes, header: bytes) -> None:
        self._file, self._header = file, header
        self._cipher, self._packer = AESGCM(key), zlib.compressobj(6)
        self._waiting, self._count = bytearray(), 0

    def write(self, some: bytes) -> None:
        self._waiting += self._packer.compress(some)
        while len(self._waiting) > _PART:
            self._part(bytes(self._waiting[:_PART]), is_last=False)
            del self._waiting[:_PART]

    def end(self) -> None:
        self._waiting += self._packer.flush()
        while len(self._waiting) > _PART:
            self._part(bytes(self._waiting[:_PART]), is_last=False)
            del self._waiting[:_PART]
        self._part(bytes(self._waiting), is_last=True)

    def _part(self, some: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._count, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, some, self._header))
        self._count += 1


def _parts(file: BinaryIO, key: bytes, header: bytes) -> Iterator[bytes]:
    """Decrypt part by part; the last one says that it is the last."""
    cipher, count = AESGCM(key), 0
    some, following = file.read(_PART + _TAG), b""
    while True:
        following = file.read(_PART + _TAG)
        is_last = not following
        try:
            yield cipher.decrypt(_nonce(count, is_last=is_last), some, header)
        except (InvalidTag, ValueError):
            raise BundleUnfit("damaged") from None
        if is_last:
            return
        some, count = following, count + 1


class _Reader:
    """Unpacks a stream as far as it is asked for, so that a small file never fills the memory."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._unpacker = parts, zlib.decompressobj()
        self._packed = b""

    def read(self, count: int) -> bytes:
        """Exactly ``count`` bytes. Raises ``BundleUnfit`` if there are fewer."""
        found = bytearray()
        while len(found) < count:
            some = self._some(count - len(found))
            if not some and not self._take():
                raise BundleUnfit("damaged")
            found += some
        return bytes(found)

    def _some(self, most: int) -> bytes:
        try:
            some = self._unpacker.decompress(self._packed, most)
        except zlib.error:
            raise BundleUnfit("damaged") from None
        self._packed = self._unpacker.unconsumed_tail
        return some

    def _take(self) -> bool:
        """Take the next part; False after the last one, or if the stream has ended before it."""
        following = None if self._unpacker.eof else next(self._parts, None)
        self._packed = following or b""
        return following is not None

    def require_end(self) -> None:
        """Read to the end, so that a file that was cut off there is noticed."""
        while not self._unpacker.eof:
            if self._some(1) or (not self._unpacker.eof and not self._take()):
                raise BundleUnfit("damaged")
        if self._unpacker.unused_data or next(self._parts, None) is not None:
            raise BundleUnfit("damaged")


def _key(typed: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        _plain(typed), salt=salt, n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32
    )


def _plain(typed: str) -> bytes:
    """A drawn pass in either width and case; one of somebody's own exactly as typed."""
    drawn = tidy_code(typed)
    if len(drawn) == PASS_LETTERS and set(drawn) <= set(LETTERS):
        return drawn.encode()
    return unicodedata.normalize("NFC", typed.strip()).encode()


def _check(key: bytes) -> bytes:
    return hmac.digest(key, b"timebank-bundle/check", hashlib.sha256)[:_CHECK]


def _nonce(count: int, *, is_last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([is_last])


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise ValueError("not base64") from fault
