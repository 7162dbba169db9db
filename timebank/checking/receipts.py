"""Proving that a receipt is in the books, from the text of its QR code.

The code contains a transaction id and its leaf hash. A proof file, a database or an export leads
from that leaf to a signed checkpoint. Other statements on the paper, such as donor and store, are
not in the books and are not proved. A proof file may be forged, so every value is validated.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from timebank.checking import log
from timebank.checking.columns import select_all
from timebank.checking.entries import TXN, VERSION, Unwritable, leaf_of, txn_entry
from timebank.checking.notes import CheckpointText, Keys, Unfit, check_signature, read_note
from timebank.checking.reading import Books
from timebank.checking.tree import Growing, path_of, root_from_path

FORMAT = "timebank-proof-2"
SEALED, WAITING, BROKEN, MISSING = _BEST = "sealed", "waiting", "broken", "missing"
LARGEST_ID = 2**63 - 1
LATEST_US = 253_370_764_800_000_000  # The year 9999: what lies beyond is in no calendar.
_CODE = re.compile(r"GZR2:([0-9A-Z]{16})-([A-Z2-7]{13})-([A-Z2-7]{52})(?![0-9A-Z])")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The content of a receipt's QR code."""

    token: str
    txn_id: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proof as handed over: the entry, its index, the path to the root, the checkpoint."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def dumped(self) -> str:
        fields = {
            "format": FORMAT, "entry": self.entry.hex(), "index": self.index,
            "path": [step.hex() for step in self.path], "checkpoint": self.checkpoint,
        }  # fmt: skip
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class ProvedLine:
    """One posting in the entry of a receipt."""

    commodity_id: int
    destination_account_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ReceiptStanding:
    """The state of a receipt: sealed, waiting to be sealed, broken, or missing in the books.

    ``broken``: the transaction was posted, but the books or the proof do not match the seal.
    ``is_signed``: the signature was verified; false if there is no key for it.
    """

    state: str
    why: str = ""
    posted_us: int = 0
    kind: str = ""
    lines: tuple[ProvedLine, ...] = ()
    checkpoint: CheckpointText | None = None
    is_signed: bool = False
    bundle: Bundle | None = None


def read_receipt(text: str) -> Receipt:
    """Parse the text of a QR code, or the URL that contains it. Raises ``Unfit``."""
    found = _CODE.search(unquote(text).upper())
    if found is None:
        if "GZR1:" in unquote(text).upper():
            raise Unfit("this is a receipt of the older version: it has no transaction")
        raise Unfit("this is not the code of a receipt")
    token, packed_id, packed_leaf = found.groups()
    try:
        txn_id, leaf = int.from_bytes(_bytes(packed_id)), _bytes(packed_leaf)
    except binascii.Error as fault:
        raise Unfit("the code of the receipt is incomplete") from fault
    if txn_id > LARGEST_ID:
        raise Unfit("the code of the receipt has an impossible transaction id")
    return Receipt(token, txn_id, leaf)


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def read_bundle(text: str | bytes) -> Bundle:
    """Parse a proof file. Raises ``Unfit``."""
    try:
        proof = json.loads(text)
        if proof["format"] != FORMAT:
            raise Unfit(f"the file is not a proof in the format {FORMAT}")
        path = tuple(bytes.fromhex(step) for step in proof["path"])
        bundle = Bundle(bytes.fromhex(proof["entry"]), proof["index"], path, proof["checkpoint"])
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise Unfit("the file is not a proof") from fault
    if type(bundle.index) is not int or type(bundle.checkpoint) is not str:
        raise Unfit("the file is not a proof")
    return bundle


def check_bundle(receipt: Receipt, bundle: Bundle, keys: Keys) -> ReceiptStanding:
    """Verify a proof from the leaf on the paper to the signed checkpoint, without the books."""
    leaf = leaf_of(bundle.entry)
    if leaf != receipt.leaf or bundle.entry[10:18] != receipt.txn_id.to_bytes(8):
        return ReceiptStanding(
            state=MISSING, why="the proof speaks of something other than the receipt"
        )
    try:
        standing = _read_entry(bundle.entry)
    except Unfit as fault:
        return ReceiptStanding(state=MISSING, why=str(fault))
    try:
        checkpoint = _read_checkpoint(bundle.checkpoint)
        size = checkpoint.size
        if root_from_path(leaf, bundle.index, size=size, path=bundle.path) != checkpoint.root:
            return ReceiptStanding(state=BROKEN, why="the proof does not lead to the checkpoint")
        public = keys.of(checkpoint.origin)
        if public is not None:
            check_signature(bundle.checkpoint, public)
    except Unfit as fault:
        return ReceiptStanding(state=BROKEN, why=f"checkpoint: {fault}")
    return replace(
        standing, state=SEALED, checkpoint=checkpoint, is_signed=public is not None, bundle=bundle
    )


def _read_checkpoint(note: str) -> CheckpointText:
    _, checkpoint = read_note(note)
    if not checkpoint.origin.isprintable() or not 0 <= checkpoint.signed_us < LATEST_US:
        raise Unfit("the note is not a checkpoint")
    return checkpoint


def find_receipt(
    books: Books, receipt: Receipt, keys: Keys, *, community_id: int | None = None
) -> ReceiptStanding:
    """Find the transaction of a receipt in the books, and prove its state.

    Without ``community_id``, all communities are searched: several may use the same id, and the
    leaf hash identifies the right one.
    """
    standings = [
        _found(books, community, txn, receipt, keys=keys)
        for community in list(books.rows("SELECT id, code FROM community ORDER BY id"))
        if community_id in (None, community.id)
        for txn in books.rows(select_all("txn", _OF_TXN), c=community.id, id=receipt.txn_id)
    ]
    nowhere = ReceiptStanding(state=MISSING, why="no transaction has this number")
    return min(standings, key=lambda one: _BEST.index(one.state), default=nowhere)


_OF_TXN = "WHERE community_id = :c AND id = :id"
_PLACE = """
SELECT idx, leaf_hash FROM log_leaf WHERE community_id = :c AND entry = :entry AND entry_id = :id
"""
_QUEUED = """
SELECT 1 FROM seal_queue WHERE community_id = :c AND entry = :entry AND entry_id = :id
"""


def _found(
    books: Books, community: Any, txn: Any, receipt: Receipt, *, keys: Keys
) -> ReceiptStanding:
    entry, named = _entry(books, community.id, txn), {"c": community.id, "entry": TXN, "id": txn.id}
    place = next(books.rows(_PLACE, **named), None)
    if entry is None or leaf_of(entry) != receipt.leaf:
        if receipt.leaf in (txn.leaf_hash, None if place is None else place.leaf_hash):
            return ReceiptStanding(
                state=BROKEN, why="the books were changed: what was posted reads otherwise now"
            )
        return ReceiptStanding(state=MISSING, why="under this number the books hold something else")
    if place is None and next(books.rows(_QUEUED, **named), None) is None:
        return ReceiptStanding(state=BROKEN, why="it is neither in the log nor waiting for it")
    signed = None if place is None else _checkpoint(books, community.id, place.idx)
    if place is None or signed is None:
        return _waiting(entry)
    path = _path(books, community.id, place.idx, signed.size)
    standing = check_bundle(receipt, Bundle(entry, place.idx, tuple(path), signed.note), keys)
    checkpoint = standing.checkpoint
    if checkpoint is not None and checkpoint.origin != f"timebank/{community.code}":
        return ReceiptStanding(state=BROKEN, why=f"checkpoint: it is that of {checkpoint.origin}")
    return standing


def _waiting(entry: bytes) -> ReceiptStanding:
    try:
        return _read_entry(entry)
    except Unfit as fault:
        return ReceiptStanding(state=MISSING, why=str(fault))


def count_into(
    books: Books, standing: ReceiptStanding, kinds: Iterable[str], *, community_id: int
) -> int:
    """Add up what a receipt moved into accounts of these kinds.

    The quantities come from the entry, the kinds of the accounts from the books.
    """
    asked = "SELECT kind FROM account WHERE community_id = :c AND id = :id"
    return sum(
        line.quantity
        for line in standing.lines
        for row in books.rows(asked, c=community_id, id=line.destination_account_id)
        if row.kind in kinds
    )


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
    """Compute the path from few rows: whole tiles, and single leaves where no tile fits."""

    def root_of(first: int, end: int) -> bytes:
        tree = Growing()
        whole = end - end % log.TILE if first % log.TILE == 0 else first
        tiles = {"first": first // log.TILE, "end": whole // log.TILE}
        for row in books.rows(_TILES, c=community_id, **tiles):
            tree.add(bytes(row.root), log.TILE)
        for row in books.rows(_LEAVES, c=community_id, first=first + tree.size, end=end):
            tree.add(bytes(row.root))
        return tree.root()

    return path_of(index, size, root_of)


def _read_entry(entry: bytes) -> ReceiptStanding:
    """Parse the entry of a posted transaction. **Source**: docs/books-format.md.

    Raises ``Unfit`` if the entry moved nothing: an account opening or a rejection.
    """
    if entry[:1] != VERSION:
        raise Unfit("its entry has a format number that this program does not read")
    if entry[1:2] != b"\x01":
        raise Unfit("it does not refer to a transaction")
    if entry[18:19] != b"\x01":
        raise Unfit("the books say that it was rejected: nothing was moved")
    posted_us, at = int.from_bytes(entry[28:36], signed=True), 60
    kind_end = at + 2 + int.from_bytes(entry[at : at + 2])
    kind = entry[at + 2 : kind_end].decode(errors="replace")
    for _ in range(4):
        at += 2 + int.from_bytes(entry[at : at + 2])
    at += 64
    count, at = int.from_bytes(entry[at : at + 2]), at + 2
    if not 0 <= posted_us < LATEST_US or not kind.isprintable() or len(entry) < at + 93 * count + 2:
        raise Unfit("its entry is incomplete")
    lines = tuple(_read_line(entry[at + 93 * n : at + 93 * (n + 1)]) for n in range(count))
    return ReceiptStanding(WAITING, posted_us=posted_us, kind=kind, lines=lines)


def _read_line(line: bytes) -> ProvedLine:
    commodity, _source, destination, quantity = (
        int.from_bytes(line[at : at + 8], signed=True) for at in range(3, 35, 8)
    )
    return ProvedLine(commodity, destination, quantity)
