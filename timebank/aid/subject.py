"""What aid declares: claims, reviews, hand-outs."""

from sqlalchemy import Table

from timebank.aid import tables
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
)
