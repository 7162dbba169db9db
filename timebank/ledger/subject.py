"""What the ledger declares: the tables of the books."""

from sqlalchemy import Table

from timebank.ledger import tables, verbs
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="ledger",
    stands_on=("deeds",),
    tables=values_in(tables, Table),
    checks={"sums": verbs.check_sums},
)
