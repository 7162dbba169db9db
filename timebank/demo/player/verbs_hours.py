"""What people of a story do with hours: one function a verb, named as in the stories."""

from datetime import datetime
from typing import Any

from timebank.demo.player.stage import Stage
from timebank.demo.player.story import local_time
from timebank.hours.actions import (
    NewRecord,
    check_in,
    check_out,
    confirm_records,
    enter_records,
    open_balance,
)
from timebank.hours.queries import record
from timebank.values import By


def minutes_of(told: object) -> int:
    """Read ``12:30`` as 750 minutes."""
    hours, minutes = str(told).split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """Write 750 minutes as ``12:30``."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def open_hours(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
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


def enter_service(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Enter service afterwards: ``records`` of name, who, for, service, from, to."""
    told = body["records"]
    records = tuple(
        NewRecord(
            person_id=stage.who(one["who"]).person_id or 0,
            service_id=stage.service(one["service"]),
            started_at=_time(one["from"]),
            ended_at=_time(one["to"]),
            recipient_person_id=stage.who(one["for"]).person_id if "for" in one else None,
            late_reason=body.get("late_reason", ""),
        )
        for one in told
    )
    entered = stage.perform(enter_records, by, records=records)
    stage.named |= {
        one["name"]: record_id
        for one, record_id in zip(told, entered.record_ids, strict=True)
        if "name" in one
    }
    return {"entered": len(entered.record_ids)}


def _time(told: object) -> datetime:
    return local_time(told, "a record")


def confirm_service(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Confirm ``records`` ``as`` recipient or organiser; tells what each one credited."""
    names = {stage.thing(name): name for name in body["records"]}
    stage.perform(confirm_records, by, record_ids=tuple(names), as_=body["as"])
    told = {}
    with stage.database.reading() as session:
        for record_id, name in names.items():
            found = record(session, stage.community_id, record_id)
            told[name] = {
                "state": found.state,
                "real": clock_of(found.real_minutes or 0),
                "credited": clock_of(found.credited_minutes or 0),
                "over_cap": clock_of(found.over_cap_minutes or 0),
            }
    return {"records": told}


def begin_service(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Check in: ``service``, and ``for`` whom; ``name`` names the record."""
    started = stage.perform(
        check_in,
        by,
        person_id=by.person_id,
        service_id=stage.service(body["service"]),
        recipient_person_id=stage.who(body["for"]).person_id if "for" in body else None,
    )
    stage.named[body.get("name", "shift")] = started.record_id
    return {"again": started.again}


def end_service(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Check out of the service that runs."""
    ended = stage.perform(check_out, by, person_id=by.person_id)
    return {"real": clock_of(ended.real_minutes or 0), "state": ended.state}
