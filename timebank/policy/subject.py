"""What the subject of policy declares: the numbers and rules of a community."""

from sqlalchemy import Table

from timebank.policy import may, refusals, tables
from timebank.policy.actions import turn_rules
from timebank.policy.setting import set_parameters
from timebank.rights import Right
from timebank.subject import Job, Subject, refusals_in, values_in

SUBJECT = Subject(
    name="policy",
    stands_on=("deeds", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    jobs=(Job(name="turn_rules", action=turn_rules),),
    settings=(set_parameters,),
)
