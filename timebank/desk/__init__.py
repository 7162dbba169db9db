"""The staff's desk: everything that waits for somebody, in one list."""
