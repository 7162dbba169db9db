"""Propose a change of a parameter, confirm it as a second person, withdraw it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.people.closeness import Involved, require_other
from timebank.policy.actions.parameters import write_parameters
from timebank.policy.queries import parameter_history
from timebank.policy.rules import PARAMETERS, Parameter, Parameters
from timebank.rights import Right
from timebank.settings import may
from timebank.settings.refusals import ChangeTooLate
from timebank.settings.rules import NewChange, check_change, state_of
from timebank.settings.tables import parameter_change
from timebank.values import local_day, local_instant, new_id


@dataclass(frozen=True, slots=True)
class SettingProposed:
    change_id: int


@dataclass(frozen=True, slots=True)
class SettingSettled:
    """A change that was confirmed or withdrawn."""

    change_id: int


@action("propose_setting")
def propose_setting(
    deed: Deed, *, key: str, value: Any, valid_from_on: date, source: str, reason: str
) -> SettingProposed:
    """Propose another value of a parameter from a future day on; nothing changes yet.

    **Refuses**: ``NotAllowed``; ``BadInput`` as ``check_change``, for the value that is in force
    on that day anyway, and for a day from which a value was set or proposed already.
    """
    _require_person(deed, may.PROPOSE)
    new = check_change(
        NewChange(key=key, value=value, valid_from_on=valid_from_on, source=source, reason=reason),
        today=local_day(deed.now),
    )
    _require_news(deed, new)
    change_id = new_id()
    deed.session.execute(
        insert(parameter_change).values(
            community_id=deed.community_id,
            id=change_id,
            key=new.key,
            value=msgspec.json.encode(new.value, order="deterministic").decode(),
            valid_from_on=new.valid_from_on,
            until_at=local_instant(new.valid_from_on),
            source=new.source,
            reason=new.reason,
            asked_by_person_id=deed.by.person_id,
            asked_at=deed.now,
        )
    )
    _note(deed, "propose_setting", change_id, key=new.key, from_on=new.valid_from_on)
    return SettingProposed(change_id)


@action("confirm_setting")
def confirm_setting(deed: Deed, *, change_id: int) -> SettingSettled:
    """Confirm a change as a second person: from its day on, the new value is in force.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson`` for whoever proposed it and their
    household; ``WrongState`` if it is settled; ``ChangeTooLate`` once its day has begun;
    ``BadInput`` if a value was set from that day meanwhile.
    """
    _require_person(deed, may.CONFIRM)
    row = _locked(deed, change_id)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    if deed.now >= row.until_at:
        raise ChangeTooLate(valid_from_on=row.valid_from_on.isoformat())
    parameter = Parameter(
        key=row.key,
        value=msgspec.json.decode(row.value),
        unit=PARAMETERS[row.key].unit,
        valid_from_on=row.valid_from_on,
        source=row.source,
        note=row.reason,
    )
    write_parameters(deed, [parameter])
    return _settle(deed, row, "confirm_setting", step="confirmed")


@action("withdraw_setting")
def withdraw_setting(deed: Deed, *, change_id: int) -> SettingSettled:
    """Withdraw a change that nobody confirmed yet.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` if it is settled or over.
    """
    _require_person(deed, may.PROPOSE)
    row = _locked(deed, change_id)
    if deed.now >= row.until_at:
        raise WrongState(kind="parameter_change", state="over")
    return _settle(deed, row, "withdraw_setting", step="withdrawn")


def _require_person(deed: Deed, right: Right) -> None:
    """**Refuses**: ``NotAllowed``, also to a machine: two people stand behind a change."""
    right.require_everywhere(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed=right.name)


def _require_news(deed: Deed, new: NewChange) -> None:
    """Check that a change changes something, on a day that has no other value yet."""
    history = parameter_history(deed.session, deed.community_id)
    taken = select(parameter_change.c.id).where(
        parameter_change.c.community_id == deed.community_id,
        parameter_change.c.key == new.key,
        parameter_change.c.valid_from_on == new.valid_from_on,
        parameter_change.c.withdrawn_at.is_(None),
    )
    is_set = any((row.key, row.valid_from_on) == (new.key, new.valid_from_on) for row in history)
    if is_set or deed.session.scalar(taken) is not None:
        raise BadInput(field="valid_from_on", why="taken")
    in_force = Parameters.of(history, new.valid_from_on).rows.get(new.key)
    known = PARAMETERS[new.key].unless_set if in_force is None else in_force.value
    if _plain(known) == _plain(new.value):
        raise BadInput(field="value", why="same")


def _plain(value: Any) -> bytes:
    """The text of a value, whatever the order of its parts or the type of its lists."""
    return msgspec.json.encode(value, order="deterministic")


def _locked(deed: Deed, change_id: int) -> Row[Any]:
    """Lock a change that is neither confirmed nor withdrawn. **Refuses**: as the deeds say."""
    row = deed.session.execute(
        select(parameter_change)
        .where(
            parameter_change.c.community_id == deed.community_id,
            parameter_change.c.id == change_id,
        )
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(kind="parameter_change")
    state = state_of(
        confirmed_at=row.confirmed_at, withdrawn_at=row.withdrawn_at, until_at=row.until_at,
        now=deed.now,
    )  # fmt: skip
    if state in ("confirmed", "withdrawn"):
        raise WrongState(kind="parameter_change", state=state)
    return row


def _settle(deed: Deed, row: Row[Any], name: str, *, step: str) -> SettingSettled:
    deed.session.execute(
        update(parameter_change)
        .where(
            parameter_change.c.community_id == deed.community_id, parameter_change.c.id == row.id
        )
        .values({f"{step}_by_person_id": deed.by.person_id, f"{step}_at": deed.now})
    )
    _note(deed, name, row.id, key=row.key, from_on=row.valid_from_on)
    return SettingSettled(row.id)


def _note(deed: Deed, name: str, change_id: int, *, key: str, from_on: date) -> None:
    facts = {"key": key, "valid_from_on": from_on.isoformat()}
    audit(deed, name=name, subject_kind="parameter_change", subject_id=change_id, facts=facts)
