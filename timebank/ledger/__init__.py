"""The books: the only place where value moves. See ``rules.py`` first."""
