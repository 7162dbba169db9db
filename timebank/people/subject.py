"""What people declares: households, persons, cards, papers, sign-in."""

from sqlalchemy import Table

from timebank.people import tables
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="people",
    stands_on=("ledger",),
    tables=values_in(tables, Table),
)
