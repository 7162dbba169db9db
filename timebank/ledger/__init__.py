"""The books: value moves only here. Read ``rules.py`` first."""
