"""The first page, where the figures of several subjects meet."""
