"""Two relatives of the sample community, recorded at the counter."""

from datetime import timedelta

from timebank.people.actions import record_relation
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.people.sample.sign_ins import shown_residents
from timebank.stories.life import Life

RECORDED_DAYS = 60  # So many days before the demo.


def record_relatives(life: Life) -> None:
    """The claimant and the donor turn out to be relatives by marriage."""
    if life.day != life.today - timedelta(days=RECORDED_DAYS):
        return
    neighbourhood = life.part(Neighbourhood)
    residents = shown_residents(neighbourhood)
    one, other = (neighbourhood.person_id(residents[name]) for name in ("claimant", "donor"))
    life.send(
        record_relation, neighbourhood.staff["social"][1], now=life.at(9, 40),
        person_id=one, other_person_id=other, kind="in_laws", from_on=life.day,
    )  # fmt: skip
