"""Deeds are below every subject: the ledger and all others use them."""

from sqlalchemy import Table

from timebank.deeds import refusals, tables
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="deeds",
    stands_on=("vault",),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
)
