"""Deeds stand below every subject: the ledger and all that post to it."""

from timebank.deeds import tables
from timebank.subject import Subject

SUBJECT = Subject(
    name="deeds",
    stands_on=(),
    tables=(tables.community, tables.deed, tables.audit_line, tables.receipt_counter),
)
