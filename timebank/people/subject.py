"""What the subject of people declares: places, households, people and those who sign in."""

from sqlalchemy import Table

from timebank.people import may, refusals, sample, tables
from timebank.people.setting import add_grid_and_buildings, enrol_cast
from timebank.rights import Right
from timebank.subject import Subject, refusals_in, values_in

SUBJECT = Subject(
    name="people",
    stands_on=("deeds", "policy"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=("people.second_factor_roles",),
    settings=(add_grid_and_buildings, enrol_cast),
    founding=(sample.found,),
)
