"""What kiosks declares: devices, their events, reviews of events."""

from sqlalchemy import Table

from timebank.kiosks import may, tables
from timebank.kiosks.queries import waiting_reviews
from timebank.rights import Right
from timebank.subject import Subject, WorkKind, values_in

SUBJECT = Subject(
    name="kiosks",
    stands_on=("aid", "deeds", "goods", "hours", "ledger", "people", "sealing"),
    tables=values_in(tables, Table),
    rights=values_in(may, Right),
    work=(WorkKind(name="kiosk", waiting=waiting_reviews, promised_days=1),),
)
