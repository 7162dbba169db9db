"""What joining brings to the sample community: three who registered and have not come yet."""

from dataclasses import replace
from datetime import date

from timebank.hours.queries import services
from timebank.joining.actions import register
from timebank.joining.rules import NewRegistration, Sender
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life
from timebank.values import By

NEWCOMER = NewRegistration(
    name="覃小满", birth_on=date(1958, 5, 21), phone="10099990201", agrees=True
)
HELPER = replace(
    NEWCOMER, name="骆春生", birth_on=date(1964, 2, 5), phone="10099990202", is_volunteer=True,
    times=("weekday_morning", "weekend_afternoon"),
)  # fmt: skip
PUPIL = replace(
    NEWCOMER, name="骆小禾", birth_on=date(2010, 9, 1), phone="10099990203",
    guardian_name="骆春生", guardian_phone="10099990202", guardian_agrees=True, is_volunteer=True,
    times=("weekend_morning",),
)  # fmt: skip


def register_by_themselves(life: Life) -> None:
    """On the last day somebody registers at home, and a grandfather with a grandchild."""
    if not life.is_last_day:
        return
    assert life.session is not None
    community_id = life.founder.community_id
    some = tuple(one.id for one in services(life.session, community_id)[:3])
    buildings = life.part(Neighbourhood).buildings
    nobody = By(community_id=community_id, client="nobody")
    for minute, (new, building) in enumerate(((NEWCOMER, 3), (HELPER, 5), (PUPIL, 5))):
        can = some[minute - 1 :] if new.is_volunteer else ()
        life.send(
            register, nobody, now=life.at(20, 10 + minute),
            new=replace(new, building_id=buildings[building], service_ids=can),
            sender=Sender("192.0.2.44"),
        )  # fmt: skip
