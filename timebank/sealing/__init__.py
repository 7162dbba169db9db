"""Seal the books after the writers: a Merkle tree of leaves, signed checkpoints, proofs.

Read ``rules.py`` first: the tree is pure. Not here: the content of a leaf (``ledger/leaves.py``).
"""
