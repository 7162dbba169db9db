"""The worklist: one list for everything that waits for a member of staff."""
