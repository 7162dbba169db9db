"""What the vault declares: the register of its keys."""

from sqlalchemy import Table

from timebank.subject import Subject, values_in
from timebank.vault import tables

SUBJECT = Subject(name="vault", stands_on=(), tables=values_in(tables, Table))
