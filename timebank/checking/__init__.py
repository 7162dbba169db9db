"""Checking the books from outside: what an auditor would write who has only docs/books-format.md.

Shares no code with posting or sealing, so that one mistake is not made twice; a house test
sees to it. Reads by plain SQL, of the database itself or of an export, and changes nothing.
"""
