"""What people of a story do with hours, and how their passbooks are checked."""

from timebank.hours.actions import (
    NewRecord,
    NewVolunteer,
    check_in,
    check_out,
    confirm_records,
    enter_records,
    open_balance,
    register_volunteers,
    settle_overlap,
)
from timebank.hours.actions import end_service as retire_service
from timebank.hours.queries import passbook, record, waiting_overlaps
from timebank.hours.rules import ORGANISER, RECIPIENT
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import (
    Keyed,
    Many,
    Named,
    OneOf,
    hours,
    local_time,
    shaped,
    text,
    whole,
    yes,
)
from timebank.stories.stage import Body, Stage
from timebank.values import By


def minutes_of(written: object) -> int:
    """Read ``12:30`` as 750 minutes."""
    hours, minutes = str(written).split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """Write 750 minutes as ``12:30``."""
    return f"{minutes // 60}:{minutes % 60:02d}"


@shaped(Keyed({"who": text, "balance": hours, "cumulative": hours}))
def open_hours(stage: Stage, by: By, body: Body) -> Body:
    """Carry hours over from an older book: ``who``, ``balance``, ``cumulative``."""
    stage.perform(
        open_balance,
        by,
        person_id=stage.who(body["who"]).person_id,
        minutes=minutes_of(body["balance"]),
        served_minutes=minutes_of(body["cumulative"]),
        note="Carried over",
    )
    return {}


_RECORD = Keyed(
    {"who": text, "service": text, "from": local_time, "to": local_time},
    {"name": text, "for": text},
)


@shaped(Keyed({"records": Many(_RECORD)}, {"late_reason": text}))
def enter_service(stage: Stage, by: By, body: Body) -> Body:
    """Enter service afterwards: ``records`` of name, who, for, service, from, to."""
    lines = body["records"]
    records = tuple(
        NewRecord(
            person_id=stage.who(line["who"]).person_id or 0,
            service_id=stage.known("service", line["service"]),
            started_at=line["from"],
            ended_at=line["to"],
            recipient_person_id=stage.who(line["for"]).person_id if "for" in line else None,
            late_reason=body.get("late_reason", ""),
        )
        for line in lines
    )
    entered = stage.perform(enter_records, by, records=records)
    for line, record_id in zip(lines, entered.record_ids, strict=True):
        if "name" in line:
            stage.remember("record", line["name"], record_id)
    return {"entered": len(entered.record_ids), "asked": len(entered.asked_record_ids)}


@shaped(Keyed({"records": Many(text), "as": OneOf((RECIPIENT, ORGANISER))}))
def confirm_service(stage: Stage, by: By, body: Body) -> Body:
    """Confirm ``records`` ``as`` recipient or organiser; tells what each of them credited."""
    names = {stage.known("record", name): name for name in body["records"]}
    stage.perform(confirm_records, by, record_ids=tuple(names), as_=body["as"])
    credited = {}
    with stage.database.reading() as session:
        for record_id, name in names.items():
            found = record(session, stage.community_id, record_id)
            credited[name] = {
                "state": found.state,
                "real": clock_of(found.real_minutes or 0),
                "credited": clock_of(found.credited_minutes or 0),
                "over_cap": clock_of(found.over_cap_minutes or 0),
            }
    return {"records": credited}


@shaped(Keyed({"service": text}, {"for": text, "name": text}))
def begin_service(stage: Stage, by: By, body: Body) -> Body:
    """Check in: ``service``, and ``for`` whom; ``name`` names the record."""
    started = stage.perform(
        check_in,
        by,
        person_id=by.person_id,
        service_id=stage.known("service", body["service"]),
        recipient_person_id=stage.who(body["for"]).person_id if "for" in body else None,
    )
    stage.remember("record", body.get("name", "shift"), started.record_id)
    return {"again": started.again}


@shaped(Keyed())
def end_service(stage: Stage, by: By, body: Body) -> Body:
    """Check out of the running service."""
    ended = stage.perform(check_out, by, person_id=by.person_id)
    real = clock_of(ended.real_minutes or 0)
    return {"real": real, "state": ended.state, "asked": ended.is_asked}


@shaped(Keyed({"who": text}))
def register_volunteer(stage: Stage, by: By, body: Body) -> Body:
    """Register somebody as a volunteer."""
    person_id = stage.who(body["who"]).person_id or 0
    new = NewVolunteer(person_id, stage.today)
    stage.perform(register_volunteers, by, volunteers=(new,))
    return {}


def _asked(stage: Stage, by: By) -> list[int]:
    """The pairs of records that wait for somebody's question, the oldest first."""
    waiting = waiting_overlaps(by)
    if waiting is None:
        return []
    with stage.database.reading() as session:
        rows = session.execute(waiting.order_by("since_at", "id"), {"now": stage.now}).all()
    return [row.id for row in rows]


@shaped(Keyed({"refused": OneOf(("none", "record", "other")), "note": text}))
def settle_both_roles(stage: Stage, by: By, body: Body) -> Body:
    """Answer for the oldest pair that waits whether both records are true."""
    waiting = _asked(stage, stage.founder)
    if not waiting:
        raise StoryFault("no pair of records waits to be asked about")
    stage.perform(settle_overlap, by, overlap_id=waiting[0], **body)
    return {"left": len(_asked(stage, stage.founder))}


@shaped(whole)
def check_asked(stage: Stage, wanted: int) -> int:
    """Count the pairs of records in which somebody helped and was helped at once."""
    return len(_asked(stage, stage.founder))


_BOOK = Keyed(may=dict.fromkeys(("balance", "available", "cumulative", "real"), hours))


@shaped(Named(_BOOK))
def check_hours(stage: Stage, wanted: Body) -> Body:
    """Read the passbook of each person."""
    actual = {}
    with stage.database.reading() as session:
        for name in wanted:
            book = passbook(session, stage.community_id, stage.who(name).person_id or 0)
            actual[name] = {
                "balance": clock_of(book.posted_minutes),
                "available": clock_of(book.available_minutes),
                "cumulative": clock_of(book.cumulative_minutes),
                "real": clock_of(book.real_minutes),
            }
    return actual


@shaped(Keyed({"service": text, "because": text}, {"again": yes}))
def end_offer(stage: Stage, by: By, body: Body) -> Body:
    """Offer a ``service`` no longer from today on, or ``again``."""
    stage.perform(
        retire_service, by, service_id=stage.known("service", body["service"]),
        note=body["because"], resumes=body.get("again", False),
    )  # fmt: skip
    return {}
