"""What the subject of notices declares."""

from datetime import time

from sqlalchemy import Table

from timebank.notices import may, sample, tables, verbs
from timebank.rights import Right
from timebank.subject import Errand, Subject, values_in

SUBJECT = Subject(
    name="notices",
    stands_on=("deeds", "people"),
    tables=values_in(tables, Table),
    rights=values_in(may, Right),
    verbs={"write_notice": verbs.write_notice, "end_notice": verbs.end_notice},
    checks={"notices": verbs.check_notices},
    errands=(Errand(at=time(9, 30), run=sample.put_up),),
)
