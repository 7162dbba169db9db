"""What the subject of hours declares: services, records of service and the passbook."""

from datetime import time

from timebank.hours import sample, verbs
from timebank.hours.setting import open_services, register_cast
from timebank.subject import Errand, Subject

SUBJECT = Subject(
    name="hours",
    stands_on=("ledger", "people", "policy", "sealing"),
    settings=(open_services, register_cast),
    verbs={
        "open_hours": verbs.open_hours,
        "enter_service": verbs.enter_service,
        "confirm_service": verbs.confirm_service,
        "begin_service": verbs.begin_service,
        "end_service": verbs.end_service,
    },
    checks={"hours": verbs.check_hours},
    founding=(sample.found,),
    errands=(
        Errand(at=time(8, 30), run=sample.confirm_yesterday),
        Errand(at=time(21), run=sample.serve),
    ),
)
