"""Somebody registers by themselves; what nobody completed is deleted some days later."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.deeds.tables import community
from timebank.errors import BadInput
from timebank.hours.queries import services
from timebank.joining import may
from timebank.joining.queries import sent_since
from timebank.joining.refusals import TooManyRegistrations
from timebank.joining.rules import (
    ADDRESS_MAX,
    BROWSER_MAX,
    KIOSK_MAX,
    NOTICE_VERSION,
    NUMBER_DIGITS,
    WAITING,
    WAITING_MAX,
    WINDOW,
    NewRegistration,
    Sender,
    tidy_registration,
    times_no,
)
from timebank.joining.tables import registration, registration_service
from timebank.people.queries import Place, places
from timebank.policy.queries import parameters_on
from timebank.values import local_day, local_instant, new_id
from timebank.vault.cipher import vault_to_seal

DAYS_KEY = "joining.registration_days"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RegistrationFiled:
    """The number for the slip, and the last day on which it is worth coming."""

    registration_no: str
    until_on: date


@dataclass(frozen=True, slots=True)
class RegistrationsForgotten:
    registrations: int


@action("register")
def register(deed: Deed, *, new: NewRegistration, sender: Sender) -> RegistrationFiled:
    """Keep what somebody says of themselves until they come to the counter.

    The answer is the same for somebody who is known already: only the counter sees that.

    **Refuses**: ``BadInput``; ``TooManyRegistrations``.
    """
    today = local_day(deed.now)
    tidy = tidy_registration(new, today)
    building = _building(deed, tidy.building_id)
    _require_offered(deed, tidy.service_ids)
    _lock_community(deed)
    require_room(deed.session, deed.community_id, sender, now=deed.now)
    days = parameters_on(deed.session, deed.community_id, today).whole(DAYS_KEY)
    until_on = today + timedelta(days=days)
    registration_id, number = new_id(), _draw_no(deed)
    row = {
        "community_id": deed.community_id, "id": registration_id, "registration_no": number,
        "state": WAITING, "building_id": tidy.building_id,
        "grid_id": None if building is None else building.parent_id,
        "is_volunteer": tidy.is_volunteer, "free_times": times_no(tidy.times),
        "language": tidy.language, "notice_version": NOTICE_VERSION, "registered_at": deed.now,
        "until_at": local_instant(until_on + timedelta(days=1)) - timedelta(microseconds=1),
        **_sealed(deed.session, tidy, sender),
    }  # fmt: skip
    deed.session.execute(insert(registration).values(row))
    _insert_services(deed, registration_id, tidy.service_ids)
    facts = {"is_volunteer": tidy.is_volunteer, "at_kiosk": sender.is_kiosk}
    audit(
        deed, name="register", subject_kind="registration", subject_id=registration_id, facts=facts
    )
    return RegistrationFiled(number, until_on)


def require_room(session: Session, community_id: int, sender: Sender, *, now: datetime) -> None:
    """Check that a sender may register one more.

    **Refuses**: ``TooManyRegistrations`` with the ``hours`` after which there is room again.
    """
    by_source, by_browser, waiting = sent_since(
        session, community_id, source=sender.source, browser=sender.browser, since=now - WINDOW
    )
    most = KIOSK_MAX if sender.is_kiosk else ADDRESS_MAX
    if by_source >= most or by_browser >= BROWSER_MAX or waiting >= WAITING_MAX:
        raise TooManyRegistrations(hours=WINDOW // timedelta(hours=1))


@action("forget_registrations")
def forget_registrations(deed: Deed) -> RegistrationsForgotten:
    """Delete registrations after their last day, completed or not: the job of the clock."""
    may.FORGET.require_everywhere(deed.by)
    key = (registration.c.community_id, registration.c.id)
    due = (
        select(registration.c.id)
        .where(key[0] == deed.community_id, registration.c.until_at <= deed.now)
        .order_by(registration.c.id)
        .limit(AT_ONCE)
    )
    ids = deed.session.scalars(due).all()
    if ids:
        deed.session.execute(
            delete(registration).where(key[0] == deed.community_id, key[1].in_(ids))
        )
        facts = {"registrations": len(ids)}
        audit(deed, name="forget_registrations", subject_kind="registration", facts=facts)
    return RegistrationsForgotten(len(ids))


def _building(deed: Deed, building_id: int | None) -> Place | None:
    if building_id is None:
        return None
    known = places(deed.session, deed.community_id, "building")
    found = next((one for one in known if one.id == building_id and one.ended_on is None), None)
    if found is None:
        raise BadInput(field="building_id", why="unknown")
    return found


def _require_offered(deed: Deed, service_ids: tuple[int, ...]) -> None:
    known = {one.id for one in services(deed.session, deed.community_id)} if service_ids else set()
    if set(service_ids) - known:
        raise BadInput(field="service_ids", why="unknown")


def _lock_community(deed: Deed) -> None:
    """Let registrations come one after the other: so the limits hold and no number is drawn twice.

    Only these lock the row in this way, or households that draw their number.
    """
    deed.session.execute(
        select(community.c.id)
        .where(community.c.id == deed.community_id)
        .with_for_update(key_share=True)
    )


def _draw_no(deed: Deed) -> str:
    """Draw a number that nobody has. It is no secret: it opens nothing without the birthday."""
    first = 10 ** (NUMBER_DIGITS - 1)
    while True:
        number = str(first + secrets.randbelow(9 * first))
        known = select(registration.c.id).where(
            registration.c.community_id == deed.community_id,
            registration.c.registration_no == number,
        )
        if deed.session.scalar(known) is None:
            return number


def _sealed(session: Session, tidy: NewRegistration, sender: Sender) -> dict[str, Any]:
    vault = vault_to_seal(session)
    assert tidy.birth_on is not None
    birth = tidy.birth_on.isoformat()
    guardian = {"name": tidy.guardian_name, "phone": tidy.guardian_phone}
    sealed = vault.seal(json.dumps(guardian), "registration.guardian")
    return {
        "name_sealed": vault.seal(tidy.name, "registration.name"),
        "birth_sealed": vault.seal(birth, "registration.birth"),
        "birth_digest": vault.digest("registration.birth", birth),
        "phone_sealed": vault.seal(tidy.phone, "registration.phone"),
        "guardian_sealed": sealed if tidy.guardian_name else None,
        "source_digest": vault.digest("registration.source", sender.source),
        "browser_digest": (
            vault.digest("registration.browser", sender.browser) if sender.browser else None
        ),
    }


def _insert_services(deed: Deed, registration_id: int, service_ids: tuple[int, ...]) -> None:
    key = {"community_id": deed.community_id, "registration_id": registration_id}
    rows = [{**key, "service_id": service_id} for service_id in service_ids]
    if rows:
        deed.session.execute(insert(registration_service), rows)
