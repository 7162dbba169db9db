"""What the subject of aid declares: claims, reservations and handing over."""

from datetime import time

from timebank.aid import sample, verbs
from timebank.subject import Errand, Subject

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
    errands=(
        Errand(at=time(0, 5), run=sample.sweep_on_mondays),
        Errand(at=time(8), run=sample.lapse_twice_a_week),
        Errand(at=time(13), run=sample.fetch_and_claim),
        Errand(at=time(22), run=sample.claim_on_last_evening),
    ),
)
