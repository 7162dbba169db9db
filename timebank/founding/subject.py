"""What founding declares: how a community begins."""

from sqlalchemy import Table

from timebank.founding import refusals, tables
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="founding",
    stands_on=("aid", "deeds", "goods", "hours", "kiosks", "people", "policy", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
)
