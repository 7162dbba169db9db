"""The Merkle tree of the log, written from RFC 6962 alone."""

import hashlib
from collections.abc import Callable, Sequence


def parent(left: bytes, right: bytes) -> bytes:
    """Hash two nodes into their parent. **Source**: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that grows leaf by leaf and keeps only the roots of its full subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []  # How many leaves each has, and its root.

    def add(self, root: bytes, width: int = 1) -> None:
        """Add a leaf, or the root of a full subtree of ``width`` leaves."""
        self.size += width
        self._full.append((width, root))
        while len(self._full) > 1 and self._full[-1][0] == self._full[-2][0]:
            _, right = self._full.pop()
            half, left = self._full.pop()
            self._full.append((2 * half, parent(left, right)))

    @property
    def frontier(self) -> bytes:
        return b"".join(root for _, root in self._full)

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256().digest()
        digest = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            digest = parent(left, digest)
        return digest


def root_from_path(leaf: bytes, index: int, *, size: int, path: Sequence[bytes]) -> bytes | None:
    """Compute the root of a tree of ``size`` from a leaf and its path; None if it does not fit.

    **Source**: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    at, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = parent(step, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = parent(root, step)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def path_of(index: int, size: int, root_of: Callable[[int, int], bytes]) -> list[bytes]:
    """List the sibling nodes from a leaf up to the root of a tree of ``size``.

    ``root_of(first, end)`` returns the root of a range of leaves. **Source**: RFC 6962, 2.1.1.
    """
    first, end, path = 0, size, []
    while end - first > 1:
        cut = first + (1 << ((end - first - 1).bit_length() - 1))
        if index < cut:
            path.append(root_of(cut, end))
            end = cut
        else:
            path.append(root_of(first, cut))
            first = cut
    return path[::-1]
