"""What the subject of aid declares: claims, reservations and handing over."""

from timebank.aid import verbs
from timebank.subject import Subject

SUBJECT = Subject(
    name="aid",
    stands_on=("goods", "ledger", "people", "policy"),
    verbs={
        "claim": verbs.claim,
        "issue": verbs.issue,
        "take": verbs.take,
        "offer": verbs.offer,
        "lapse": verbs.lapse,
        "sweep": verbs.sweep,
    },
    checks={"quota": verbs.check_quota, "no_shows": verbs.check_no_shows},
)
