"""The project's own rules as tests: imports, sizes, guards, words, translations.

Each check is a plain function from sources to a list of faults, so that a planted bad sample shows
that it works.
"""
