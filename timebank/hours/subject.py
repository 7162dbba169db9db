"""What hours declares: services, records of service, the passbook."""

from sqlalchemy import Table

from timebank.hours import tables
from timebank.hours.queries import waiting_records, waiting_shifts
from timebank.subject import Subject, WorkKind, values_in

SUBJECT = Subject(
    name="hours",
    stands_on=("ledger", "people", "policy", "sealing"),
    tables=values_in(tables, Table),
    work=(
        # Hours are confirmed within ten working days. Source: domain.md C.1. The other
        # promises are our own defaults.
        WorkKind(name="record", waiting=waiting_records, promised_days=10),
        WorkKind(name="shift", waiting=waiting_shifts, promised_days=3),
    ),
)
