"""What the subject of closing declares: the day of a shop, counted and signed."""

from datetime import time

from sqlalchemy import Table

from timebank.closing import may, refusals, sample, tables, verbs
from timebank.rights import Right
from timebank.subject import Errand, Subject, refusals_in, values_in

SUBJECT = Subject(
    name="closing",
    stands_on=("aid", "deeds", "goods", "ledger", "sealing", "people"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    verbs={
        "open_day": verbs.open_day,
        "count_day": verbs.count_day,
        "sign_day": verbs.sign_day,
    },
    checks={"as_of": verbs.check_as_of},
    errands=(
        Errand(at=time(8, 55), run=sample.open_shop),
        Errand(at=time(17, 35), run=sample.close_shop),
    ),
)
