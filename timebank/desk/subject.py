"""What the desk declares: shortfalls that staff settle."""

from sqlalchemy import Table

from timebank.desk import may, tables, verbs
from timebank.desk.shortfalls import waiting_shortfalls
from timebank.rights import Right
from timebank.subject import Subject, WorkKind, values_in

SUBJECT = Subject(
    name="desk",
    stands_on=("deeds", "ledger", "people"),
    tables=values_in(tables, Table),
    rights=values_in(may, Right),
    work=(WorkKind(name="shortfall", waiting=waiting_shortfalls, promised_days=3),),
    verbs={"calendar": verbs.calendar},
)
