"""Sealing: the log of the books behind the writers, its checkpoints, and balances of the past."""
