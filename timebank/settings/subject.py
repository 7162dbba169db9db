"""What the subject of settings declares: changes of parameters by two people."""

from datetime import time

from sqlalchemy import Table

from timebank.rights import Right
from timebank.settings import may, refusals, sample, tables, verbs
from timebank.settings.queries import waiting_changes
from timebank.subject import Errand, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="settings",
    stands_on=("deeds", "people", "policy"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    # Each has its own end: the day from which it is to be in force.
    work=(WorkKind(name="setting", waiting=waiting_changes, promised_days=None),),
    verbs={
        "propose_setting": verbs.propose_setting,
        "confirm_setting": verbs.confirm_setting,
        "withdraw_setting": verbs.withdraw_setting,
    },
    checks={"parameters": verbs.check_parameters},
    errands=(Errand(at=time(15), run=sample.change_rules),),
)
