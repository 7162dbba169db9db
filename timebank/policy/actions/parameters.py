"""Date a parameter: a new row from a day on, with its source. No row is ever edited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import insert, select

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed
from timebank.policy import may
from timebank.policy.queries import forget_parameters
from timebank.policy.rules import PARAMETERS, Parameter, check_parameter
from timebank.policy.rules.bounds import check_bounds
from timebank.policy.tables import parameter
from timebank.values import local_day, new_id


@dataclass(frozen=True, slots=True)
class ParameterSet:
    parameter_id: int


@action("set_parameter")
def set_parameter(
    deed: Deed, *, key: str, value: Any, valid_from_on: date, source: str, note: str = ""
) -> ParameterSet:
    """Set a parameter of the community from a day on, for the founding, a story or a job.

    People change one by two: see the subject ``settings``.

    **Refuses**: ``NotAllowed``, to every person; ``BadInput`` for an unknown key, a wrong
    shape or range, a missing source, a past day, and a day from which another value was set.
    """
    may.SET_PARAMETER.require_everywhere(deed.by)
    require_no_person(deed, "set_parameter")
    check_parameter(key, value)
    check_bounds(key, value)
    if not source.strip():
        raise BadInput(field="source", why="empty")
    if valid_from_on < local_day(deed.now):
        raise BadInput(field="valid_from_on", why="past")
    row = Parameter(
        key=key,
        value=value,
        unit=PARAMETERS[key].unit,
        valid_from_on=valid_from_on,
        source=source.strip(),
        note=note,
    )
    (parameter_id,) = write_parameters(deed, [row])
    audit(
        deed,
        name="set_parameter",
        subject_kind="parameter",
        subject_id=parameter_id,
        facts={"key": key, "valid_from_on": valid_from_on.isoformat()},
    )
    return ParameterSet(parameter_id)


def require_no_person(deed: Deed, name: str) -> None:
    """**Refuses**: ``NotAllowed`` to a person, who needs a second one to change the rules."""
    if deed.by.person_id is not None:
        raise NotAllowed(deed=name, why="by_two")


def write_parameters(deed: Deed, rows: Iterable[Parameter]) -> list[int]:
    """Insert dated rows that have been checked; refuse a day that has a value already."""
    rows = list(rows)
    days = {row.valid_from_on for row in rows}
    taken = deed.session.execute(
        select(parameter.c.key, parameter.c.valid_from_on).where(
            parameter.c.community_id == deed.community_id, parameter.c.valid_from_on.in_(days)
        )
    )
    known = {(key, day) for key, day in taken}
    if any((row.key, row.valid_from_on) in known for row in rows):
        raise BadInput(field="valid_from_on", why="taken")
    written = [_columns(deed, row) for row in rows]
    deed.session.execute(insert(parameter), written)
    forget_parameters(deed.session)
    return [row["id"] for row in written]


def _columns(deed: Deed, row: Parameter) -> dict[str, Any]:
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "key": row.key,
        "value": msgspec.json.encode(row.value, order="deterministic").decode(),
        "unit": row.unit,
        "valid_from_on": row.valid_from_on,
        "source": row.source,
        "note": row.note,
        "recorded_by": deed.by.client,
        "recorded_at": deed.now,
    }
