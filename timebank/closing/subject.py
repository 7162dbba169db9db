"""What closing declares: the close of a day at a store."""

from sqlalchemy import Table

from timebank.closing import tables
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="closing",
    stands_on=("aid", "goods", "ledger", "people"),
    tables=values_in(tables, Table),
)
