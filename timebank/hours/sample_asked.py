"""What staff of the sample community have to ask about: two records that contradict each other.

And a volunteer of sixteen, who serves with the consent of a guardian.
"""

from datetime import timedelta

from timebank.hours.actions import NewRecord, NewVolunteer, enter_records, register_volunteers
from timebank.hours.sample import SampleServices
from timebank.people.actions import NewProof, add_proofs
from timebank.people.rules import GUARDIAN_CONSENT
from timebank.people.sample import Neighbourhood, Spot
from timebank.stories.life import Life


def serve_and_be_served(life: Life) -> None:
    """Yesterday evening a helper visited an elder, and had a visitor at the same time."""
    if life.day != life.today - timedelta(days=1):
        return
    neighbourhood = life.part(Neighbourhood)
    helper, *others = neighbourhood.population.helpers
    visitor = next(spot for spot in others if spot[0] != helper[0])
    elder = next(home for home in neighbourhood.elders_alone if home not in (helper[0], visitor[0]))
    records = (
        _evening(life, helper, (elder, 0), minute=0),
        _evening(life, visitor, helper, minute=30),
    )
    by = neighbourhood.staff["social"][0]
    life.send(enter_records, by, now=life.at(20, 50), records=records)


def _evening(life: Life, helper: Spot, helped: Spot, *, minute: int) -> NewRecord:
    started_at = life.at(19, minute)
    return NewRecord(
        person_id=life.part(Neighbourhood).person_id(helper),
        service_id=life.part(SampleServices).service_ids["companion"],
        started_at=started_at,
        ended_at=started_at + timedelta(hours=1),
        recipient_person_id=life.part(Neighbourhood).person_id(helped),
    )


def serve_at_sixteen(life: Life) -> None:
    """Three days ago somebody of sixteen became a volunteer: a guardian had signed."""
    if life.day != life.today - timedelta(days=3):
        return
    neighbourhood = life.part(Neighbourhood)
    spot = next(
        (
            (number, place)
            for number, home in enumerate(neighbourhood.population.homes)
            for place, resident in enumerate(home.residents)
            if resident.age(life.today) == 16
        ),
        None,
    )
    if spot is None:
        return
    person_id = neighbourhood.person_id(spot)
    consent = NewProof(
        household_id=neighbourhood.households[spot[0]],
        kind=GUARDIAN_CONSENT,
        valid_from_on=life.day,
        valid_until_on=life.day + timedelta(days=180),
        person_id=person_id,
    )
    life.perform(add_proofs, proofs=(consent,))
    life.perform(register_volunteers, volunteers=(NewVolunteer(person_id, life.day, "lei_feng"),))
