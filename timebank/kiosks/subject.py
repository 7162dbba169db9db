"""What kiosks declares: devices, their events, reviews of events."""

from sqlalchemy import Table

from timebank.kiosks import may, refusals, tables
from timebank.kiosks.queries import waiting_reviews
from timebank.rights import Right
from timebank.subject import Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="kiosks",
    stands_on=("aid", "deeds", "goods", "hours", "ledger", "people", "policy", "sealing", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=("kiosks.upload_days_max",),
    work=(WorkKind(name="kiosk", waiting=waiting_reviews, promised_days=1),),
)
