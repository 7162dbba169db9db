"""What the subject of policy declares: the numbers and rules of a community."""

from timebank.policy import sample
from timebank.policy.setting import put_rules_in_force
from timebank.subject import Subject

SUBJECT = Subject(
    name="policy",
    stands_on=("people",),
    settings=(put_rules_in_force,),
    founding=(sample.found,),
)
