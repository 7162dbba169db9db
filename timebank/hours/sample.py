"""What the subject of hours brings to the sample community: services, and who serves whom.

Visits and rounds are entered from paper lists; some volunteers check in at the kiosk.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from timebank.deeds.founded import Founded
from timebank.hours.actions import (
    NewRecord,
    NewVolunteer,
    check_in,
    check_out,
    confirm_records,
    enter_records,
    register_volunteers,
)
from timebank.hours.usual import usual_services
from timebank.people.actions import NewProof, add_proofs
from timebank.people.rules import GUARDIAN_CONSENT, latest_day
from timebank.people.sample import Neighbourhood, Spot
from timebank.policy.rules.usual import PAPER_MONTHS_MAX
from timebank.stories.life import Life
from timebank.values import By

VISITS = ("companion", "errands", "clinic", "cleaning", "meals", "smartphone", "repair")
PATROL_PLACES = ("花园", "停车场", "楼道", "广场")
PAPER_DAYS = 4  # Service is entered from paper lists about twice a week.
VOLUNTEERS_SINCE_DAYS = 733


@dataclass(frozen=True, slots=True)
class UnconfirmedRecords:
    """Records that others confirm tomorrow. ``visits`` are those with a recipient, if any."""

    record_ids: tuple[int, ...]
    by: By
    visits: tuple[NewRecord, ...] = ()


@dataclass(kw_only=True)
class SampleServices:
    """The services by their code, and what waits to be confirmed, by the day."""

    service_ids: dict[str, int]
    to_confirm: dict[date, list[UnconfirmedRecords]] = field(default_factory=dict)


def found(life: Life) -> None:
    """Take over the services of the founding; register wardens and helpers as volunteers."""
    codes = (service.code for service in usual_services())
    ids = life.part(Founded).service_ids
    life.keep(SampleServices(service_ids=dict(zip(codes, ids, strict=True))))
    neighbourhood = life.part(Neighbourhood)
    population = neighbourhood.population
    since_on = life.today - timedelta(days=VOLUNTEERS_SINCE_DAYS)
    volunteers = tuple(
        NewVolunteer(neighbourhood.person_id(spot), since_on, team)
        for team, spots in (("patrol", population.wardens), ("lei_feng", population.helpers))
        for spot in spots
    )
    _enter_consents(life, (*population.wardens, *population.helpers))
    life.perform(register_volunteers, volunteers=volunteers)


def _enter_consents(life: Life, spots: tuple[Spot, ...]) -> None:
    """Enter a guardian's consent for each year in which a volunteer is still under 18."""
    neighbourhood = life.part(Neighbourhood)
    consents = []
    for home, place in spots:
        resident, from_on = neighbourhood.population.homes[home].residents[place], life.day
        while resident.age(from_on) < 18:
            until_on = latest_day(from_on, PAPER_MONTHS_MAX[GUARDIAN_CONSENT])
            consents.append(
                NewProof(
                    household_id=neighbourhood.households[home],
                    kind=GUARDIAN_CONSENT,
                    valid_from_on=from_on,
                    valid_until_on=until_on,
                    person_id=neighbourhood.person_id((home, place)),
                )
            )
            from_on = until_on + timedelta(days=1)
    if consents:
        life.perform(add_proofs, proofs=tuple(consents))


def serve(life: Life) -> None:
    """Every few days enter service from paper: neighbours helped one by one, and rounds."""
    if life.chance(20):
        _check_in_and_out(life)
    if life.day.toordinal() % PAPER_DAYS:
        return
    neighbourhood, rng = life.part(Neighbourhood), life.rng
    helpers, wardens = neighbourhood.population.helpers, neighbourhood.population.wardens
    visits = tuple(_visit(life, spot) for spot in rng.sample(helpers, 3 * PAPER_DAYS))
    rounds = tuple(_round(life, spot) for spot in rng.sample(wardens, 4 * PAPER_DAYS))
    social_worker = neighbourhood.one_of_staff("social", rng)
    coordinator = neighbourhood.staff["coordinator"][0]
    visit_ids = _enter(life, visits, social_worker)
    _wait(life, UnconfirmedRecords(visit_ids, social_worker, visits))
    _wait(life, UnconfirmedRecords(_enter(life, rounds, coordinator), coordinator))


def _some_days(life: Life) -> timedelta:
    """Draw how long ago it was: within the days that one paper covers."""
    return timedelta(days=life.rng.randrange(PAPER_DAYS))


def _visit(life: Life, spot: Spot) -> NewRecord:
    """Draw how a helper helped an elder who lives alone."""
    neighbourhood, services, rng = life.part(Neighbourhood), life.part(SampleServices), life.rng
    elders = [home for home in neighbourhood.elders_alone if home != spot[0]]
    started_at = life.at(rng.randrange(8, 16), rng.choice((0, 10, 30))) - _some_days(life)
    return NewRecord(
        person_id=neighbourhood.person_id(spot),
        service_id=services.service_ids[rng.choice(VISITS)],
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=rng.randrange(25, 175)),
        recipient_person_id=neighbourhood.person_id((rng.choice(elders), 0)),
    )


def _round(life: Life, spot: Spot) -> NewRecord:
    """Draw a round of a warden through their own building."""
    neighbourhood, rng = life.part(Neighbourhood), life.rng
    started_at = life.at(rng.choice((6, 19)), 0) - _some_days(life)
    building = neighbourhood.population.homes[spot[0]].building
    return NewRecord(
        person_id=neighbourhood.person_id(spot),
        service_id=life.part(SampleServices).service_ids["patrol"],
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=rng.choice((30, 32, 35, 60))),
        place=f"{building + 1}栋{rng.choice(PATROL_PLACES)}",
        place_id=neighbourhood.buildings[building],
    )


def _enter(life: Life, records: tuple[NewRecord, ...], by: By) -> tuple[int, ...]:
    entered = life.send(enter_records, by, now=life.at(21), records=records)
    return () if entered is None else tuple(entered.record_ids)


def _wait(life: Life, records: UnconfirmedRecords) -> None:
    """Let records wait for those who confirm them tomorrow."""
    if records.record_ids:
        tomorrow = life.day + timedelta(days=1)
        life.part(SampleServices).to_confirm.setdefault(tomorrow, []).append(records)


def _check_in_and_out(life: Life) -> None:
    """Check in and out at the kiosk of the shop."""
    neighbourhood, rng = life.part(Neighbourhood), life.rng
    volunteer = neighbourhood.at_kiosk(rng.choice(neighbourhood.population.helpers))
    started_at = life.at(9, rng.randrange(60))
    started = life.send(
        check_in,
        volunteer,
        now=started_at,
        person_id=volunteer.person_id,
        service_id=life.part(SampleServices).service_ids["culture"],
        at=started_at,
        place="社区活动室",
    )
    if started is None:
        return
    ended_at = started_at + timedelta(minutes=rng.randrange(40, 190))
    life.send(check_out, volunteer, now=ended_at, person_id=volunteer.person_id, at=ended_at)
    _wait(life, UnconfirmedRecords((started.record_id,), volunteer))


def confirm_yesterday(life: Life) -> None:
    """Confirm what was entered yesterday: first who was helped, then who organised it."""
    waiting = [
        records
        for records in life.part(SampleServices).to_confirm.pop(life.day, [])
        # Most of the recent records wait for the reader of the demo: the worklist is not empty.
        if not (life.is_recent and life.chance(70))
    ]
    for records in waiting:
        if records.visits:
            _confirm_as_recipients(life, records)
    by_organiser: dict[By, tuple[int, ...]] = {}
    for records in waiting:
        organiser = _organiser(life, records.by)
        by_organiser[organiser] = by_organiser.get(organiser, ()) + records.record_ids
    for organiser, record_ids in by_organiser.items():
        life.send(
            confirm_records,
            organiser,
            now=life.at(9, 30),
            record_ids=record_ids,
            as_="organiser",
        )


def _confirm_as_recipients(life: Life, records: UnconfirmedRecords) -> None:
    """The first recipient confirms; the others signed the paper that staff keep."""
    neighbourhood = life.part(Neighbourhood)
    first_id, *other_ids = records.record_ids
    home = neighbourhood.home_of[records.visits[0].recipient_person_id or 0]
    life.send(
        confirm_records,
        neighbourhood.resident((home, 0)),
        now=life.at(8, 30),
        record_ids=(first_id,),
        as_="recipient",
    )
    life.send(
        confirm_records,
        records.by,
        now=life.at(9),
        record_ids=tuple(other_ids),
        as_="recipient",
    )


def _organiser(life: Life, writer: By) -> By:
    """A social worker who did not enter the record."""
    social_workers = life.part(Neighbourhood).staff["social"]
    return next(by for by in social_workers if by.person_id != writer.person_id)
