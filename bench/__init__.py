"""Measured claims, each a command: ``python -m bench.<name>``. No part of the program."""
