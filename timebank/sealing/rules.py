"""The Merkle tree: its root, its proofs, and how it grows. Pure.

Leaves are known here only by their hashes. Given one signed root, it can be proved that an entry
is in the books, and that a later root only added to them. **Source**: RFC 6962, section 2.1;
verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
TILE_LEVEL = 8
TILE = 2**TILE_LEVEL  # Leaves under one stored node, so that a proof reads few rows.
EMPTY_ROOT = hashlib.sha256().digest()

Span = tuple[int, int]  # Leaves from the first up to the second, exclusive.


@dataclass(frozen=True, slots=True)
class Tip:
    """The size of a tree, and its root."""

    size: int
    root: bytes


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes, or over equal full trees and a last smaller one."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots lead from one leaf to the root, lowest first."""
    assert 0 <= index < size
    return [span for _, span in _descent(index, size)][::-1]


def consistency_spans(old_size: int, size: int) -> list[Span]:
    """The subtrees whose roots prove that this tree extends the tree of ``old_size``."""
    assert 0 <= old_size <= size
    if old_size in (0, size):
        return []
    spans: list[Span] = []
    for (low, high), span in _descent(old_size - 1, size):
        if high == old_size:  # The old tree ends with this subtree, so the proof contains it whole.
            return [*([] if low == 0 else [(low, high)]), *spans[::-1]]
        spans.append(span)
    return [*([] if old_size == 1 else [(old_size - 1, old_size)]), *spans[::-1]]


def _descent(index: int, size: int) -> list[tuple[Span, Span]]:
    """Walk from the root down to a leaf: each tree on the way, and its other half."""
    low, high, way = 0, size, []
    while high - low > 1:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if index < middle:
            way.append(((low, high), (middle, high)))
            high = middle
        else:
            way.append(((low, high), (low, middle)))
            low = middle
    return way


def verify_consistency(old: Tip, new: Tip, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows that the new tree extends the old one."""
    if not 0 <= old.size <= new.size or not _are_hashes(proof):
        return False
    if old.size == 0:
        return not proof and old.root == EMPTY_ROOT
    if old.size == new.size:
        return not proof and old.root == new.root
    steps = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    return bool(steps) and _grows(old, new, steps)


def _grows(old: Tip, new: Tip, steps: list[bytes]) -> bool:
    here, last = old.size - 1, new.size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_root = new_root = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old_root, new_root = node_hash(step, old_root), node_hash(step, new_root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new_root = node_hash(new_root, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old_root == old.root and new_root == new.root


def _are_hashes(steps: Sequence[bytes]) -> bool:
    return all(len(step) == HASH_BYTES for step in steps)


def span_root(span: Span, tiles: Callable[[int, int], Sequence[bytes]],
              leaves: Callable[[int, int], Sequence[bytes]]) -> bytes:  # fmt: skip
    """Compute the root of a subtree from stored nodes if it is large, and from its leaves.

    ``tiles(first, end)`` gives the roots of whole tiles, ``leaves(first, end)`` hashes.
    """
    low, high = span
    if high - low < TILE:
        return tree_root(leaves(low, high))
    end = high // TILE * TILE  # A subtree this large begins with a tile.
    units = list(tiles(low // TILE, end // TILE))
    if end < high:
        units.append(tree_root(leaves(end, high)))
    return tree_root(units)


@dataclass(slots=True)
class Frontier:
    """The roots of the full subtrees of a tree, largest first: enough to append to it.

    ``tiles`` are the full subtrees of 256 leaves completed since it was read, by number.
    """

    size: int = 0
    roots: list[bytes] = field(default_factory=list)
    tiles: list[tuple[int, bytes]] = field(default_factory=list)

    @classmethod
    def read(cls, size: int, kept: bytes) -> "Frontier":
        """Parse what ``kept()`` wrote. **Refuses**: ``ValueError`` if it does not fit the size."""
        roots = [kept[at : at + HASH_BYTES] for at in range(0, len(kept), HASH_BYTES)]
        if len(kept) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees")
        return cls(size, roots)

    def kept(self) -> bytes:
        return b"".join(self.roots)

    def append(self, leaf: bytes) -> None:
        """Append one leaf to the tree."""
        node, place, level = leaf, self.size, 0
        while place & 1:
            node, place, level = node_hash(self.roots.pop(), node), place >> 1, level + 1
            if level == TILE_LEVEL:
                self.tiles.append((place, node))
        self.roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self.roots:
            return EMPTY_ROOT
        found = self.roots[-1]
        for left in self.roots[-2::-1]:
            found = node_hash(left, found)
        return found
