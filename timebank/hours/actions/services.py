"""Keep the list of services: add one, change its names, end it, and offer it again."""

import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotFound, WrongState
from timebank.hours import may
from timebank.hours.actions.register import NewService, ServicesAdded, add_services
from timebank.hours.tables import service
from timebank.typed import joined, plain
from timebank.values import local_day

_MOST = {"name_zh": 40, "name_en": 60}
_CODE = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    service_id: int
    retired_on: date | None


@action("add_service")
def add_service(deed: Deed, *, category: str, name_zh: str, name_en: str) -> ServicesAdded:
    """Offer one more service. **Refuses**: ``NotAllowed``; ``BadInput`` with the field."""
    may.SUPERVISE.require_everywhere(deed.by)
    names = _checked(name_zh, name_en)
    _require_free_name(deed, names["name_zh"], besides=0)
    new = NewService(code=_code(names["name_en"]), category=category, **names)
    return add_services(deed, services=(new,))


@action("change_service")
def change_service(deed: Deed, *, service_id: int, name_zh: str, name_en: str) -> ServiceChanged:
    """Change the names of a service; what was recorded stays the same service.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` with the field, also where nothing
    differs.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    row, names = _taken(deed, service_id), _checked(name_zh, name_en)
    changed = {name: text for name, text in names.items() if text != getattr(row, name)}
    if not changed:
        raise BadInput(field="name_zh", why="unchanged")
    _require_free_name(deed, names["name_zh"], besides=service_id)
    facts = {name: [getattr(row, name), text] for name, text in changed.items()}
    _write(deed, service_id, changed, name="change_service", facts=facts)
    return ServiceChanged(service_id, row.retired_on)


@action("end_service")
def end_service(deed: Deed, *, service_id: int, note: str, resumes: bool = False) -> ServiceChanged:
    """Offer a service no longer from today on, or (``resumes``) again; its records stay.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` without a reason; ``WrongState`` if it
    is so already.
    """
    may.SUPERVISE.require_everywhere(deed.by)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    row = _taken(deed, service_id)
    if (row.retired_on is None) == resumes:
        raise WrongState(kind="service", state="retired" if row.retired_on else "in_use")
    if resumes:
        _require_free_name(deed, row.name_zh, besides=service_id)
    retired_on = None if resumes else local_day(deed.now)
    facts = {"reason": note.strip()[:200], "resumes": resumes}
    _write(deed, service_id, {"retired_on": retired_on}, name="end_service", facts=facts)
    return ServiceChanged(service_id, retired_on)


def _checked(name_zh: str, name_en: str) -> dict[str, str]:
    names = {"name_zh": plain(name_zh), "name_en": plain(name_en)}
    for name, text in names.items():
        if not 1 <= len(text) <= _MOST[name]:
            raise BadInput(field=name, why="length")
    return names


def _code(name_en: str) -> str:
    """A code of our own from the English name, with a tail so that it is never in use."""
    words = "_".join(re.findall("[a-z0-9]+", name_en.casefold()))[:24]
    found = _CODE.fullmatch(f"{words}_{secrets.token_hex(3)}")
    return found[0] if found else f"service_{secrets.token_hex(4)}"


def _taken(deed: Deed, service_id: int) -> Any:
    """Lock a service. **Refuses**: ``NotFound``."""
    row = deed.session.execute(
        select(service)
        .where(service.c.community_id == deed.community_id, service.c.id == service_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="service")
    return row


def _require_free_name(deed: Deed, name: str, *, besides: int) -> None:
    rows = deed.session.execute(
        select(service.c.id, service.c.name_zh).where(
            service.c.community_id == deed.community_id, service.c.retired_on.is_(None)
        )
    )
    if joined(name).casefold() in {
        joined(row.name_zh).casefold() for row in rows if row.id != besides
    }:
        raise BadInput(field="name_zh", why="name_taken")


def _write(
    deed: Deed, service_id: int, values: dict[str, Any], *, name: str, facts: dict[str, Any]
) -> None:
    deed.session.execute(
        update(service)
        .where(service.c.community_id == deed.community_id, service.c.id == service_id)
        .values(**values)
    )
    audit(deed, name=name, subject_kind="service", subject_id=service_id, facts=facts)
