"""What the subject of people declares: places, households, people and those who sign in."""

from timebank.people import sample
from timebank.people.setting import add_grid_and_buildings, enrol_cast
from timebank.subject import Subject

SUBJECT = Subject(
    name="people",
    stands_on=("ledger",),
    settings=(add_grid_and_buildings, enrol_cast),
    founding=(sample.found,),
)
