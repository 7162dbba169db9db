"""Proving that one receipt is in the books, from the text of its QR alone.

The paper names a transaction and its leaf. Either a proof file leads from that leaf to a
signed checkpoint, or the books do (a database, an export). What the paper says beyond that,
who gave and to which shop, is not in the books and is not proved.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from timebank.checking import log
from timebank.checking.columns import select_all
from timebank.checking.entries import TXN, Unwritable, leaf_of, txn_entry
from timebank.checking.notes import Keys, Told, Unfit, check_signature, read_note
from timebank.checking.reading import Books
from timebank.checking.tree import Growing, path_of, root_from_path

FORMAT = "timebank-proof-1"
SEALED, WAITING, MISSING = "sealed", "waiting", "missing"
_CODE = re.compile(r"GZR2:([0-9A-Z]{16})-([A-Z2-7]{13})-([A-Z2-7]{52})(?![0-9A-Z])")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the QR of a receipt holds."""

    token: str
    txn_id: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proof as it is handed over: the entry, its place, the way to the root, the checkpoint."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def dumped(self) -> str:
        told = {
            "format": FORMAT, "entry": self.entry.hex(), "index": self.index,
            "path": [step.hex() for step in self.path], "checkpoint": self.checkpoint,
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement that the entry of a receipt tells."""

    commodity_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a receipt stands: under a checkpoint, waiting for its seal, or not in the books.

    ``is_signed`` is None where no key was at hand to look at the signature with.
    """

    state: str
    why: str = ""
    posted_us: int = 0
    kind: str = ""
    lines: tuple[Line, ...] = ()
    checkpoint: Told | None = None
    is_signed: bool | None = None
    bundle: Bundle | None = None


def read_receipt(told: str) -> Receipt:
    """Read the text of a QR, or the address that it stands in. Raises ``Unfit``."""
    found = _CODE.search(unquote(told).upper())
    if found is None:
        if "GZR1:" in unquote(told).upper():
            raise Unfit("this is a receipt of the older kind: it does not name what was posted")
        raise Unfit("this is not the code of a receipt")
    token, txn_id, leaf = found.groups()
    try:
        return Receipt(token, int.from_bytes(_bytes(txn_id)), _bytes(leaf))
    except binascii.Error as fault:
        raise Unfit("the code of the receipt is not whole") from fault


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def read_bundle(text: str) -> Bundle:
    """Read a proof file. Raises ``Unfit``."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise Unfit("the file is no proof of this kind")
        path = tuple(bytes.fromhex(step) for step in told["path"])
        entry, index = bytes.fromhex(told["entry"]), int(told["index"])
        return Bundle(entry, index, path, str(told["checkpoint"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise Unfit("the file is no proof") from fault


def check_bundle(receipt: Receipt, bundle: Bundle, keys: Keys) -> Standing:
    """Follow a proof from the leaf on the paper to what was signed; nothing else is asked."""
    leaf = leaf_of(bundle.entry)
    if leaf != receipt.leaf or bundle.entry[10:18] != receipt.txn_id.to_bytes(8):
        return Standing(MISSING, "the proof speaks of something other than the receipt")
    told = _standing(bundle.entry)
    try:
        _, checkpoint = read_note(bundle.checkpoint)
        size = checkpoint.size
        if root_from_path(leaf, bundle.index, size=size, path=bundle.path) != checkpoint.root:
            return Standing(MISSING, "the proof does not lead to the checkpoint")
        public = keys.of(checkpoint.origin)
        if public is not None:
            check_signature(bundle.checkpoint, public)
    except Unfit as fault:
        return Standing(MISSING, f"checkpoint: {fault}")
    return Standing(
        SEALED, posted_us=told.posted_us, kind=told.kind, lines=told.lines, checkpoint=checkpoint,
        is_signed=None if public is None else True, bundle=bundle,
    )  # fmt: skip


def find_receipt(books: Books, receipt: Receipt, keys: Keys) -> Standing:
    """Look in the books for what a receipt names, and prove where it stands."""
    communities = [row.id for row in books.rows("SELECT id FROM community ORDER BY id")]
    for community_id in communities:
        of = "WHERE community_id = :c AND id = :id"
        txn = next(books.rows(select_all("txn", of), c=community_id, id=receipt.txn_id), None)
        if txn is not None:
            return _found(books, community_id, txn, receipt, keys=keys)
    return Standing(MISSING, "no transaction has this number")


def _found(books: Books, community_id: int, txn: Any, receipt: Receipt, *, keys: Keys) -> Standing:
    entry = _entry(books, community_id, txn)
    if entry is None or leaf_of(entry) != receipt.leaf:
        return Standing(MISSING, "under this number the books say something else")
    if txn.status != 1:
        return Standing(MISSING, "the books say that it was rejected")
    of = "SELECT idx FROM log_leaf WHERE community_id = :c AND entry = :entry AND entry_id = :id"
    place = next(books.rows(of, c=community_id, entry=TXN, id=txn.id), None)
    signed = None if place is None else _checkpoint(books, community_id, place.idx)
    if place is None or signed is None:
        return _standing(entry)
    path = _path(books, community_id, place.idx, signed.size)
    return check_bundle(receipt, Bundle(entry, place.idx, tuple(path), signed.note), keys)


def _entry(books: Books, community_id: int, txn: Any) -> bytes | None:
    of = "WHERE community_id = :c AND txn_id = :id"
    lines = list(books.rows(select_all("posting", of), c=community_id, id=txn.id))
    holds = books.rows(select_all("hold", of), c=community_id, id=txn.id)
    lacks = books.rows(select_all("shortfall", of), c=community_id, id=txn.id)
    try:
        deadlines = {hold.line: hold.expires_us for hold in holds}
        return txn_entry(txn, lines, deadlines, lacks=list(lacks))
    except Unwritable:
        return None


def _checkpoint(books: Books, community_id: int, idx: int) -> Any:
    asked = select_all("checkpoint", "WHERE community_id = :c AND size > :idx")
    return next(books.rows(f"{asked} LIMIT 1", c=community_id, idx=idx), None)


_LEAVES = """
SELECT leaf_hash AS root FROM log_leaf
WHERE community_id = :c AND idx >= :first AND idx < :end ORDER BY idx
"""
_TILES = """
SELECT root FROM log_tile
WHERE community_id = :c AND idx >= :first AND idx < :end ORDER BY idx
"""


def _path(books: Books, community_id: int, index: int, size: int) -> list[bytes]:
    """Make the path from few rows: whole tiles, and the leaves where no whole tile fits."""

    def root_of(first: int, end: int) -> bytes:
        tree = Growing()
        whole = end - end % log.TILE if first % log.TILE == 0 else first
        told = {"first": first // log.TILE, "end": whole // log.TILE}
        for row in books.rows(_TILES, c=community_id, **told):
            tree.add(bytes(row.root), log.TILE)
        for row in books.rows(_LEAVES, c=community_id, first=first + tree.size, end=end):
            tree.add(bytes(row.root))
        return tree.root()

    return path_of(index, size, root_of)


def _standing(entry: bytes) -> Standing:
    """Read what an entry tells. **Source**: docs/books-format.md."""
    if entry[:2] != b"\x01\x01":
        return Standing(WAITING, "it is no transaction")
    posted_us, at = int.from_bytes(entry[28:36], signed=True), 60
    texts = []
    for _ in range(4):
        length = int.from_bytes(entry[at : at + 2])
        texts.append(entry[at + 2 : at + 2 + length].decode())
        at += 2 + length
    at += 64
    count, at = int.from_bytes(entry[at : at + 2]), at + 2
    lines = []
    for line in (entry[at + 93 * n : at + 93 * (n + 1)] for n in range(count)):
        numbers = [int.from_bytes(line[3 + 8 * n : 11 + 8 * n], signed=True) for n in range(4)]
        lines.append(Line(numbers[0], numbers[3]))
    return Standing(WAITING, posted_us=posted_us, kind=texts[0], lines=tuple(lines))
