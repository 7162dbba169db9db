"""Somebody registers at a kiosk: the same deed as on the open page, sent by the machine."""

from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.running import perform
from timebank.errors import BadInput
from timebank.joining.actions import register
from timebank.joining.rules import (
    NOTICE_VERSION,
    NewRegistration,
    Sender,
    read_birthday,
    tidy_registration,
)
from timebank.kiosks import wire
from timebank.kiosks.actions.devices import by_device
from timebank.kiosks.queries import Device
from timebank.people.queries import places
from timebank.values import local_day


def registered(database: Database, device: Device, typed: wire.JoinAsked) -> wire.JoinFiled:
    """Register somebody, once for each event id.

    What cannot be, or is too much for one kiosk, is refused before anything is written.

    **Refuses**: ``BadInput``; ``TooManyRegistrations``.
    """
    sender = Sender(f"kiosk:{device.device_id}", is_kiosk=True)
    now = database.clock()
    with database.reading() as session:
        new = _registration(session, device, typed)
        tidy_registration(new, local_day(now))
    by = by_device(device)
    filed = perform(database, register, by=by, request_id=typed.event_id, new=new, sender=sender)
    return wire.JoinFiled(filed.registration_no, filed.until_on.isoformat())


def _registration(session: Session, device: Device, typed: wire.JoinAsked) -> NewRegistration:
    return NewRegistration(
        name=typed.name,
        birth_on=read_birthday(typed.birth_on),
        building_id=_building_id(session, device, typed.building_no),
        phone=typed.phone,
        language=typed.language,
        agrees=typed.notice_version == NOTICE_VERSION,
        guardian_name=typed.guardian_name,
        guardian_phone=typed.guardian_phone,
        guardian_agrees=bool(typed.guardian_name),
        is_volunteer=typed.is_volunteer,
        service_ids=typed.service_ids,
        times=typed.times,
    )


def _building_id(session: Session, device: Device, number: int | None) -> int | None:
    if number is None:
        return None
    known = places(session, device.community_id, "building")
    found = next((one for one in known if one.number == number and one.ended_on is None), None)
    if found is None:
        raise BadInput(field="building_id", why="unknown")
    return found.id
