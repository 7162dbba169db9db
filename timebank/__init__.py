"""A community time bank and public-welfare ATM: the books and the rules.

It contains no HTTP and no hardware code. Start reading at ``timebank/ledger/rules.py``.
"""

__version__ = "0.1.0"
