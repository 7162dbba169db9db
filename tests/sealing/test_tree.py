"""The tree, tested with the vectors of certificate transparency and with its definition."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counts import repeats
from timebank.checking.tree import root_from_path
from timebank.ledger.leaves import leaf_hash
from timebank.sealing.rules import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    Tip,
    consistency_spans,
    inclusion_spans,
    node_hash,
    span_root,
    tree_root,
    verify_consistency,
)

# The leaves and roots that every implementation of RFC 6962 is tested with.
INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
LEAVES = [leaf_hash(bytes.fromhex(told)) for told in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
GROWTH = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def tip(leaves):
    return Tip(len(leaves), tree_root(leaves))


def inclusion_proof(leaves, index):
    return [tree_root(leaves[low:high]) for low, high in inclusion_spans(index, len(leaves))]


def consistency_proof(leaves, old_size):
    return [tree_root(leaves[low:high]) for low, high in consistency_spans(old_size, len(leaves))]


def proves(tip, leaf, *, index, path):
    """Check a path with the code of the checker, which shares nothing with the sealer."""
    return root_from_path(leaf, index, size=tip.size, path=path) == tip.root


def told(hashes):
    return [one.hex() for one in hashes]


def root_by_definition(leaves):
    """RFC 6962, 2.1, implemented literally."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(root_by_definition(leaves[:half]), root_by_definition(leaves[half:]))


def test_the_roots_are_those_of_the_published_vectors():
    assert [tree_root(LEAVES[:size]).hex() for size in range(9)] == ROOTS
    frontier, found = Frontier(), [Frontier().root().hex()]
    for leaf in LEAVES:
        frontier.append(leaf)
        found.append(frontier.root().hex())
    assert found == ROOTS


def test_the_paths_are_those_of_the_published_vectors():
    for (index, size), path in PATHS.items():
        assert told(inclusion_proof(LEAVES[:size], index)) == path
    for (old, size), proof in GROWTH.items():
        assert told(consistency_proof(LEAVES[:size], old)) == proof


some_leaves = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)
places = st.integers(min_value=0, max_value=10**6)


def changed(hashes, at, bit):
    """The same list of hashes with one bit of one of them flipped."""
    where, byte = at % len(hashes), at // len(hashes) % 32
    one = bytearray(hashes[where])
    one[byte] ^= 1 << bit
    return [*hashes[:where], bytes(one), *hashes[where + 1 :]]


bits = st.integers(min_value=0, max_value=7)


@settings(max_examples=repeats(75, 300))
@given(some_leaves, places, places, bits)
def test_each_leaf_is_proved_and_nothing_else(leaves, place, at, bit):
    index, whole = place % len(leaves), tip(leaves)
    path = inclusion_proof(leaves, index)
    assert whole.root == root_by_definition(leaves)
    assert proves(whole, leaves[index], index=index, path=path)
    assert not proves(whole, changed([leaves[index]], at, bit)[0], index=index, path=path)
    wrong_root = Tip(whole.size, changed([whole.root], at, bit)[0])
    assert not proves(wrong_root, leaves[index], index=index, path=path)
    assert not proves(whole, leaves[index], index=len(leaves), path=path)
    assert not proves(whole, leaves[index], index=index, path=[*path, whole.root])
    if path:
        assert not proves(whole, leaves[index], index=index, path=changed(path, at, bit))
        assert not proves(whole, leaves[index], index=index, path=path[:-1])
        assert not proves(whole, leaves[index], index=index, path=[path[0][:31], *path[1:]])


@settings(max_examples=repeats(75, 300))
@given(some_leaves, places, places, bits)
def test_each_growth_is_proved_and_nothing_else(leaves, place, at, bit):
    old, new = tip(leaves[: place % (len(leaves) + 1)]), tip(leaves)
    proof = consistency_proof(leaves, old.size)
    assert verify_consistency(old, new, proof)
    wrong = changed([old.root], at, bit)[0]
    assert not verify_consistency(Tip(old.size, wrong), new, proof)
    if old.size not in (0, new.size):
        assert not verify_consistency(new, old, proof)  # Nothing ever shrinks.
    if old.size > 0:
        assert not verify_consistency(old, Tip(new.size, changed([new.root], at, bit)[0]), proof)
        assert not verify_consistency(old, new, [*proof, old.root])
    if proof:
        assert not verify_consistency(old, new, changed(proof, at, bit))
        assert not verify_consistency(old, new, proof[:-1])


@settings(max_examples=repeats(30, 120))
@given(some_leaves, places)
def test_a_tree_grows_by_its_frontier_alone(leaves, place):
    cut = place % (len(leaves) + 1)
    before = Frontier()
    for leaf in leaves[:cut]:
        before.append(leaf)
    after = Frontier.read(cut, before.kept())
    for leaf in leaves[cut:]:
        after.append(leaf)
    assert (after.size, after.root()) == (len(leaves), tree_root(leaves))


def test_kept_nodes_give_the_same_proofs_as_all_leaves():
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(4 * TILE + 7)]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert [number for number, _ in frontier.tiles] == [0, 1, 2, 3]
    tiles = [root for _, root in frontier.tiles]
    read: list[int] = []

    def some(low, high):
        read.append(high - low)
        return leaves[low:high]

    def root_of(span):
        return span_root(span, lambda low, high: tiles[low:high], some)

    for size in (TILE, TILE + 1, 3 * TILE, 4 * TILE + 7):
        for other in (1, 2, TILE - 1, TILE, size - 2, size):
            spans = consistency_spans(other, size)
            assert list(map(root_of, spans)) == consistency_proof(leaves[:size], other)
            spans = inclusion_spans(other - 1, size)
            assert list(map(root_of, spans)) == inclusion_proof(leaves[:size], other - 1)
    assert max(read) < TILE
