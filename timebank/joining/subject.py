"""What joining declares: who registers by themselves, and how the counter completes it."""

from datetime import time

from sqlalchemy import Table

from timebank.joining import may, refusals, sample, tables, verbs
from timebank.joining.actions import forget_registrations
from timebank.joining.actions.registering import DAYS_KEY
from timebank.joining.effects import EFFECTS
from timebank.joining.queries import waiting_registrations
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="joining",
    stands_on=("deeds", "households", "hours", "people", "policy", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=(DAYS_KEY,),
    effects=EFFECTS,
    work=(WorkKind(name="registration", waiting=waiting_registrations, promised_days=None),),
    jobs=(Job(name="forget_registrations", action=forget_registrations),),
    verbs={
        "register": verbs.register,
        "ask_registration": verbs.ask_registration,
        "complete_registration": verbs.complete_registration,
        "end_registration": verbs.end_registration,
        "forget_registrations": verbs.forget_registrations,
    },
    checks={"registrations": verbs.check_registrations, "offers": verbs.check_offers},
    errands=(Errand(at=time(20, 10), run=sample.register_by_themselves),),
)
