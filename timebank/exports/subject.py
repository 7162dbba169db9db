"""What the subject of exports declares."""

from timebank.exports import may
from timebank.rights import Right
from timebank.subject import Subject, values_in

SUBJECT = Subject(
    name="exports",
    stands_on=("deeds", "people"),
    rights=values_in(may, Right),
)
