"""Sealing the books behind the writers: a tree of leaves, signed checkpoints, proofs.

See ``rules.py`` first: the tree is pure. Not here: what a leaf holds (``ledger/leaves.py``).
"""
