"""What households declare: the enrolment of a whole household, and its moves."""

from datetime import time

from timebank.households import may, merge_verbs, sample, verbs
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
        "ask_merge": merge_verbs.ask_merge,
        "ask_merge_undone": merge_verbs.ask_merge_undone,
        "answer_merge": merge_verbs.answer_merge,
    },
    checks={"homes": verbs.check_homes, "found": merge_verbs.check_found},
    errands=(Errand(at=time(15), run=sample.move_and_change),),
)
