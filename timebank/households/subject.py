"""What households declare: the enrolment of a whole household, and its moves."""

from datetime import time

from timebank.households import may, sample, verbs
from timebank.rights import Right
from timebank.subject import Errand, Subject, values_in

SUBJECT = Subject(
    name="households",
    stands_on=("aid", "deeds", "hours", "ledger", "people"),
    rights=values_in(may, Right),
    verbs={
        "enrol_family": verbs.enrol_family,
        "move": verbs.move,
        "change_person": verbs.change_person,
    },
    checks={"homes": verbs.check_homes},
    errands=(Errand(at=time(15), run=sample.move_and_change),),
)
