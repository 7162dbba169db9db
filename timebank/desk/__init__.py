"""The staff's desk: one list of everything that waits for a member of staff."""
