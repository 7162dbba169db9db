"""What the subject of aid declares: claims, reservations and handing over."""

from sqlalchemy import Table

from timebank.aid import tables, verbs
from timebank.aid.queries import waiting_pickups, waiting_reviews
from timebank.subject import Subject, WorkKind, values_in

SUBJECT = Subject(
    name="aid",
    stands_on=("goods", "ledger", "people", "policy"),
    tables=values_in(tables, Table),
    work=(
        WorkKind(name="review", waiting=waiting_reviews, promised_days=3),
        WorkKind(name="pickup", waiting=waiting_pickups, promised_days=None),
    ),
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
