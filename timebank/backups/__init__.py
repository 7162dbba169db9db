"""Backups in one file, and the way back from one: see ``docs/operations.md``."""
