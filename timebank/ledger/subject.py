"""What the ledger declares: the tables of the books."""

from sqlalchemy import Table

from timebank.ledger import refusals, tables, verbs
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="ledger",
    stands_on=("deeds",),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    checks={"sums": verbs.check_sums},
)
