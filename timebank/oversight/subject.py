"""What oversight declares: the right to read the audit trail."""

from timebank.oversight import may
from timebank.rights import Right
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="oversight",
    stands_on=("deeds", "people"),
    rights=values_in(may, Right),
)
