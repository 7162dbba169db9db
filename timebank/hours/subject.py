"""What the subject of hours declares: services, records of service and the passbook."""

from timebank.hours import verbs
from timebank.hours.setting import open_services, register_cast
from timebank.subject import Subject

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
)
