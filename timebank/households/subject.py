"""What households declare: the enrolment of a whole household, and its moves."""

from datetime import time

from timebank.households import may, messages, sample, verbs
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, values_in

SUBJECT = Subject(
    name="households",
    stands_on=("aid", "deeds", "hours", "messages", "people"),
    rights=values_in(may, Right),
    jobs=(Job(name="remind_of_papers", action=messages.remind_of_papers),),
    messages=messages.KINDS,
    verbs={
        "enrol_family": verbs.enrol_family,
        "move": verbs.move,
        "remind_of_papers": verbs.remind_of_papers,
        "change_person": verbs.change_person,
    },
    checks={"homes": verbs.check_homes},
    errands=(
        Errand(at=time(9, 5), run=sample.remind_on_last_day),
        Errand(at=time(15), run=sample.move_and_change),
    ),
)
