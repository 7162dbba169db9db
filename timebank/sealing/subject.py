"""What sealing declares: the tables of the log."""

from sqlalchemy import Table

from timebank.rights import Right
from timebank.sealing import may, tables
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="sealing",
    stands_on=("ledger",),
    tables=values_in(tables, Table),
    rights=values_in(may, Right),
)
