"""The tree of the log as RFC 6962 draws it, written from the paper alone."""

import hashlib
from collections.abc import Sequence


def parent(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them. **Source**: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that takes leaf after leaf and keeps only the roots of its full subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []  # How many leaves each has, and its root.

    def add(self, leaf: bytes) -> None:
        self._full.append((1, leaf))
        while len(self._full) > 1 and self._full[-1][0] == self._full[-2][0]:
            width, right = self._full.pop()
            _, left = self._full.pop()
            self._full.append((2 * width, parent(left, right)))
        self.size += 1

    @property
    def frontier(self) -> bytes:
        return b"".join(root for _, root in self._full)

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256().digest()
        told = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            told = parent(left, told)
        return told


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Climb from a leaf to the root of a tree of ``size``; None where the path does not fit.

    **Source**: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    at, last, told = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            told = parent(step, told)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            told = parent(told, step)
        at, last = at >> 1, last >> 1
    return told if last == 0 else None


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """List the neighbours from a leaf up to the root. **Source**: RFC 6962, section 2.1.1."""
    if len(leaves) <= 1:
        return []
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < cut:
        return [*path_of(leaves[:cut], index), _root(leaves[cut:])]
    return [*path_of(leaves[cut:], index - cut), _root(leaves[:cut])]


def _root(leaves: Sequence[bytes]) -> bytes:
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()
