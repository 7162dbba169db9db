"""What policy declares: rules, parameters, decisions."""

from sqlalchemy import Table

from timebank.policy import tables
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="policy",
    stands_on=("people",),
    tables=values_in(tables, Table),
)
