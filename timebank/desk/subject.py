"""What the desk declares: shortfalls that staff settle."""

from timebank.desk.shortfalls import waiting_shortfalls
from timebank.subject import Subject, WorkKind

SUBJECT = Subject(
    name="desk",
    stands_on=("deeds", "ledger", "people"),
    work=(WorkKind(name="shortfall", waiting=waiting_shortfalls, promised_days=3),),
)
