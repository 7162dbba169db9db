"""Measured claims, each a command: ``python -m bench.<name>``. Nothing here is part of the program."""
