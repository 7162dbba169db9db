"""What goods declares: deposits, lots, the shelf."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table

from timebank.goods import tables
from timebank.goods.queries import waiting_cleanings, waiting_clearings, waiting_intakes
from timebank.goods.rules import CLEARING_WORKING_DAYS, aged_before
from timebank.subject import Subject, WorkKind, values_in


def _aged(now: datetime) -> Mapping[str, datetime]:
    return {"aged_before": aged_before(now)}


SUBJECT = Subject(
    name="goods",
    stands_on=("ledger", "people", "policy"),
    tables=values_in(tables, Table),
    work=(
        WorkKind(name="intake", waiting=waiting_intakes, promised_days=1, bind=_aged),
        WorkKind(
            name="clearing",
            waiting=waiting_clearings,
            promised_days=CLEARING_WORKING_DAYS,
            bind=_aged,
        ),
        WorkKind(name="cleaning", waiting=waiting_cleanings, promised_days=3),
    ),
)
