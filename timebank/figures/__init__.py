"""Figures of the whole community, for anybody to read: sums, never persons."""
