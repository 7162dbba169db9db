"""What the subject of policy declares: the numbers and rules of a community."""

from sqlalchemy import Table

from timebank.policy import may, refusals, sample, tables
from timebank.policy.setting import put_rules_in_force
from timebank.rights import Right
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="policy",
    stands_on=("deeds",),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    settings=(put_rules_in_force,),
    founding=(sample.found,),
)
