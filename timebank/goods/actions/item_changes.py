"""Keep the catalogue: somebody proposes, and where it gives value somebody else agrees.

A keeper proposes; a coordinator or an approver agrees. What a coordinator changes takes effect
alone, unless it is a new item or a price: these decide what a gift is worth. A proposal never
changes; what it changed, and what stood there before, stays readable.
"""

from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import NoResultFound

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import may
from timebank.goods.actions.taking_up import (
    ItemChangeFiled,
    agreed,
    change_named,
    lock_catalogue,
    write_change,
)
from timebank.goods.entries import (
    ADD,
    AGREED,
    AHEAD_MAX,
    CHANGE,
    DROPPED,
    NOTE_MAX,
    OF_ADDITION,
    OPEN_STATES,
    PROPOSED,
    RESUME,
    RETIRE,
    ItemFields,
    addition_fault,
    is_retired,
    name_key,
    takes_second,
    told_fault,
)
from timebank.goods.tables import IS_OPEN_CHANGE, item, item_change
from timebank.people.closeness import Involved, require_other
from timebank.values import local_day, new_id


@action("propose_item")
def propose_item(deed: Deed, *, fields: ItemFields, note: str = "") -> ItemChangeFiled:
    """Propose a new item; it gets its code for labels once somebody else has agreed.

    **Refuses**: ``NotAllowed``; ``BadInput`` with the field, also for the name of another item.
    """
    _require_proposer(deed)
    values = fields.told()
    _raise(addition_fault(values))
    lock_catalogue(deed)
    _require_free_name(deed, values["name_zh"])
    return _file(deed, ADD, values, since_on=local_day(deed.now), note=note)


@action("propose_item_change")
def propose_item_change(
    deed: Deed, *, item_id: int, fields: ItemFields, since_on: date, note: str = ""
) -> ItemChangeFiled:
    """Propose that an item says something else from a day on; what stays the same is dropped.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` with the field, also where nothing
    differs; ``WrongState`` while another proposal for the item is open.
    """
    _require_proposer(deed)
    values = fields.told()
    fixed = next((name for name in OF_ADDITION if name in values), None)
    _raise((fixed, "fixed") if fixed else told_fault(values))
    _check_day(deed, since_on)
    row = _item_taken(deed, item_id)
    values = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not values:
        raise BadInput(field="name_zh", why="unchanged")
    if "shelf_life_days" in values and row.kind != "food":
        raise BadInput(field="shelf_life_days", why="food_only")
    if "name_zh" in values:
        _require_free_name(deed, values["name_zh"], besides=item_id)
    return _file(deed, CHANGE, values, since_on=since_on, note=note, item_id=item_id)


@action("propose_item_end")
def propose_item_end(
    deed: Deed, *, item_id: int, since_on: date, note: str, resumes: bool = False
) -> ItemChangeFiled:
    """Propose that an item is neither announced nor taken in from a day on, or (``resumes``) again.

    What is on the shelf is issued as before, and the history stays.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for the day, and without a note;
    ``WrongState`` if it is so already, or while another proposal for the item is open.
    """
    _require_proposer(deed)
    if not note.strip():
        raise BadInput(field="note", why="needed")
    _check_day(deed, since_on)
    row = _item_taken(deed, item_id)
    if (row.retired_on is None) == resumes:
        raise WrongState(kind="item", state="retired" if row.retired_on else "in_use")
    if resumes:
        _require_free_name(deed, row.name_zh, besides=item_id)
    kind = RESUME if resumes else RETIRE
    return _file(deed, kind, {}, since_on=since_on, note=note, item_id=item_id)


@action("agree_item_change")
def agree_item_change(deed: Deed, *, item_change_id: int) -> ItemChangeFiled:
    """Agree to a proposal as another person; what is due by today takes effect at once.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``SamePerson`` to whoever proposed it and to their
    household; ``WrongState`` if it is settled; ``BadInput`` for a name that is in use by now.
    """
    may.DECIDE_ITEMS.require_everywhere(deed.by)
    row = _open_change(deed, item_change_id)
    if row.state != PROPOSED:
        raise WrongState(kind="item_change", state=row.state)
    require_other(deed, Involved(person_ids=(row.asked_by_person_id,)))
    if row.name_zh is not None:
        _require_free_name(deed, row.name_zh, besides=row.item_id, but=row.id)
    _settle(deed, row.id, AGREED)
    filed = agreed(deed, row)
    audit(
        deed, name="agree_item_change", subject_kind="item", subject_id=filed.item_id,
        facts={"kind": row.kind, "reference_fen": row.reference_fen},
    )  # fmt: skip
    return filed


@action("drop_item_change")
def drop_item_change(deed: Deed, *, item_change_id: int) -> ItemChangeFiled:
    """Take back one's own proposal, or turn one down, before it takes effect.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``WrongState`` once it is settled.
    """
    decides = may.DECIDE_ITEMS.is_held_everywhere(deed.by)
    if not decides:
        may.PROPOSE_ITEMS.require(deed.by)
    row = _open_change(deed, item_change_id)
    if not decides and row.asked_by_person_id != deed.by.person_id:
        raise NotAllowed(deed="drop_item_change")
    _settle(deed, row.id, DROPPED)
    audit(deed, name="drop_item_change", subject_kind="item", subject_id=row.item_id)
    return ItemChangeFiled(row.id, row.item_id, DROPPED, row.since_on)


def _require_proposer(deed: Deed) -> None:
    """Check that a person proposes: a second one is asked about the first."""
    may.PROPOSE_ITEMS.require(deed.by)
    if deed.by.person_id is None:
        raise NotAllowed(deed="propose_item")


def _raise(fault: tuple[str, str] | None) -> None:
    if fault is not None:
        raise BadInput(field=fault[0], why=fault[1])


def _check_day(deed: Deed, since_on: date) -> None:
    today = local_day(deed.now)
    if since_on < today:
        raise BadInput(field="since_on", why="past")
    if since_on > today + AHEAD_MAX:
        raise BadInput(field="since_on", why="range")


def _item_taken(deed: Deed, item_id: int) -> Any:
    """Lock the catalogue and read an item about which nothing is open.

    **Refuses**: ``NotFound``; ``WrongState``.
    """
    lock_catalogue(deed)
    row = deed.session.execute(
        select(item).where(item.c.community_id == deed.community_id, item.c.id == item_id)
    ).first()
    if row is None:
        raise NotFound(kind="item")
    is_open = select(item_change.c.id).where(
        item_change.c.community_id == deed.community_id,
        item_change.c.item_id == item_id,
        IS_OPEN_CHANGE,
    )
    if deed.session.scalar(is_open) is not None:
        raise WrongState(kind="item_change", state="open")
    return row


def _require_free_name(
    deed: Deed, name: str, *, besides: int | None = None, but: int | None = None
) -> None:
    """See that no other item in use has this name, and no open proposal gives it to one."""
    of_community = item.c.community_id == deed.community_id
    today = local_day(deed.now)
    rows = deed.session.execute(
        select(item.c.id, item.c.name_zh, item.c.retired_on).where(of_community)
    )
    names = {
        name_key(row.name_zh)
        for row in rows
        if row.id != besides and not is_retired(row.retired_on, today)
    }
    proposed = deed.session.execute(
        select(item_change.c.id, item_change.c.name_zh).where(
            item_change.c.community_id == deed.community_id,
            IS_OPEN_CHANGE,
            item_change.c.name_zh.is_not(None),
        )
    )
    names |= {name_key(row.name_zh) for row in proposed if row.id != but}
    if name_key(name) in names:
        raise BadInput(field="name_zh", why="name_taken")


def _file(
    deed: Deed,
    kind: str,
    values: dict[str, Any],
    *,
    since_on: date,
    note: str,
    item_id: int | None = None,
) -> ItemChangeFiled:
    """Write the proposal; what needs nobody else is agreed at once."""
    change_id = new_id()
    decides = may.DECIDE_ITEMS.is_held_everywhere(deed.by)
    waits = takes_second(kind, values, decides=decides)
    row = {
        "community_id": deed.community_id, "id": change_id, "item_id": item_id, "kind": kind,
        "since_on": since_on, "note": note.strip()[:NOTE_MAX], **values,
        "asked_by_person_id": deed.by.person_id, "asked_at": deed.now,
        "state": PROPOSED if waits else AGREED, "settled_at": None if waits else deed.now,
    }  # fmt: skip
    deed.session.execute(insert(item_change), row)
    name = {ADD: "propose_item", CHANGE: "propose_item_change"}.get(kind, "propose_item_end")
    facts = {"kind": kind, "since_on": since_on.isoformat(), **values}
    audit(deed, name=name, subject_kind="item", subject_id=item_id, facts=facts)
    if waits:
        return ItemChangeFiled(change_id, item_id, PROPOSED, since_on)
    return agreed(deed, change_named(deed, change_id))


def _open_change(deed: Deed, change_id: int) -> Any:
    """Lock the catalogue and read a proposal. **Refuses**: ``NotFound``; ``WrongState``."""
    lock_catalogue(deed)
    try:
        row = change_named(deed, change_id)
    except NoResultFound:
        raise NotFound(kind="item_change") from None
    if row.state not in OPEN_STATES:
        raise WrongState(kind="item_change", state=row.state)
    return row


def _settle(deed: Deed, change_id: int, state: str) -> None:
    who = {"settled_by_person_id": deed.by.person_id, "settled_at": deed.now}
    write_change(deed, change_id, {"state": state, **who})
