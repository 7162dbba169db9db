"""What the subject of hours declares: services, records of service and the passbook."""

from datetime import time

from sqlalchemy import Table

from timebank.hours import may, messages, refusals, sample, sample_asked, tables, verbs
from timebank.hours.queries import waiting_overlaps, waiting_records, waiting_shifts
from timebank.hours.queries.effects import EFFECTS
from timebank.hours.setting import open_services, register_cast
from timebank.rights import Right
from timebank.subject import Errand, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="hours",
    stands_on=("deeds", "ledger", "messages", "people", "policy", "sealing"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=(
        "hours.balance_cap_minutes",
        "hours.daily_cap_minutes",
        "hours.recording_working_days",
        "hours.rounding_minutes",
        "hours.shortest_minutes",
    ),
    effects=EFFECTS,
    work=(
        # Hours are confirmed within ten working days. Source: domain.md C.1. The other
        # promises are our own defaults.
        WorkKind(name="record", waiting=waiting_records, promised_days=10),
        WorkKind(name="shift", waiting=waiting_shifts, promised_days=3),
        WorkKind(name="overlap", waiting=waiting_overlaps, promised_days=3),
    ),
    messages=messages.KINDS,
    settings=(open_services, register_cast),
    verbs={
        "open_hours": verbs.open_hours,
        "enter_service": verbs.enter_service,
        "confirm_service": verbs.confirm_service,
        "begin_service": verbs.begin_service,
        "end_service": verbs.end_service,
        "end_offer": verbs.end_offer,
        "register_volunteer": verbs.register_volunteer,
        "settle_overlap": verbs.settle_both_roles,
    },
    checks={"hours": verbs.check_hours, "asked": verbs.check_asked},
    founding=(sample.found,),
    errands=(
        Errand(at=time(8, 30), run=sample.confirm_yesterday),
        Errand(at=time(20), run=sample_asked.serve_at_sixteen),
        Errand(at=time(20, 50), run=sample_asked.serve_and_be_served),
        Errand(at=time(21), run=sample.serve),
    ),
)
