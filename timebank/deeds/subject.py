"""What every deed needs stands below every subject: the ledger and all that post to it."""

from sqlalchemy import Table

from timebank.deeds import refusals, tables
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="deeds", stands_on=(), tables=values_in(tables, Table), refusals=refusals_in(refusals)
)
