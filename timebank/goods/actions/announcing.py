"""Goods that a donor announces, or leaves at the kiosk. They are not stock yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.goods import may
from timebank.goods.acceptance import refused_for
from timebank.goods.actions.clearing import put_in_clearing
from timebank.goods.actions.codes import new_code
from timebank.goods.queries import Item, items, same_announced_since, store_kept_open
from timebank.goods.refusals import ItemRetired, JustAnnounced, TooCloseToExpiry
from timebank.goods.rules import (
    AGAIN_WITHIN,
    ANNOUNCED,
    BROUGHT,
    LAPSED,
    LINES_MAX,
    THANKS,
    AnnouncedLine,
    check_told,
    is_expired,
)
from timebank.goods.tables import IS_ANNOUNCED, IS_OPEN, announced_line, deposit
from timebank.people.queries import organisations, person_brief
from timebank.people.sight import person_reached
from timebank.policy.queries import parameters_on
from timebank.policy.rules import Parameters
from timebank.values import By, local_day, new_id


@dataclass(frozen=True, slots=True)
class DepositAnnounced:
    """The code of the list at the counter, and its last day.

    ``valid_until_on`` is None for goods left at the kiosk, because they are there already.
    """

    deposit_id: int
    state: str
    code: str
    valid_until_on: date | None


@dataclass(frozen=True, slots=True)
class AnnouncementsLapsed:
    deposit_ids: tuple[int, ...]


@action("announce_deposit")
def announce_deposit(
    deed: Deed,
    *,
    store_id: int,
    lines: tuple[AnnouncedLine, ...],
    donor_person_id: int | None = None,
    donor_organisation_id: int | None = None,
    thanks: str = "receipt",
    bring_on: date | None = None,
    happened_at: datetime | None = None,
    will_bring: bool = False,
    once: bool = False,
) -> DepositAnnounced:
    """File what a donor will bring; from a kiosk, what lies in front of it now.

    ``will_bring``: the donor stands at a kiosk, but the goods are still at home. Goods become stock
    only when a keeper has judged them piece by piece. Until then the pieces of a kiosk are in
    clearing, as of ``happened_at``.

    What could never be taken is answered at once; what lies before a kiosk is not refused any more.
    ``once``: a page asks whoever announced the same a moment ago.

    **Refuses**: ``NotAllowed`` to announce for another; ``NotFound``; ``BadInput``;
    ``TooCloseToExpiry`` for what is past its day when it comes; ``OpenedFood``, ``NotAccepted``;
    ``ItemRetired``; ``JustAnnounced`` with ``once``.
    """
    check_donor(deed, donor_person_id, donor_organisation_id)
    on = local_day(deed.now)
    known = _check(deed, store_id=store_id, lines=lines, thanks=thanks)
    is_here = deed.by.channel == "kiosk" and not will_bring
    parameters = parameters_on(deed.session, deed.community_id, on)
    until = None if is_here else _last_day(parameters, on, bring_on)
    if not is_here:
        _answer_at_once(lines, known, parameters, comes_on=bring_on or on)
    if once:
        _check_not_just_announced(deed, donor_person_id, store_id, lines)
    deposit_id, code = new_id(), new_code(_codes_in_use(deed))
    state = BROUGHT if is_here else ANNOUNCED
    device_id = deed.by.device_id if is_here else None
    row = {
        "device_id": device_id, "store_id": store_id, "donor_person_id": donor_person_id,
        "donor_organisation_id": donor_organisation_id, "thanks": thanks, "state": state,
        "announced_at": deed.now, "code": code, "bring_on": bring_on, "valid_until_on": until,
    }  # fmt: skip
    _write(deed, deposit_id, row=row, lines=lines)
    if device_id is not None:
        put_in_clearing(deed, lines, device_id=device_id, happened_at=happened_at)
    facts = {"lines": len(lines), "state": state}
    audit(deed, name="announce_deposit", subject_kind="deposit", subject_id=deposit_id, facts=facts)
    return DepositAnnounced(deposit_id, state, code, until)


def _check_not_just_announced(
    deed: Deed, person_id: int | None, store_id: int, lines: tuple[AnnouncedLine, ...]
) -> None:
    """Nothing is asked of whoever left no name. **Refuses**: ``JustAnnounced``."""
    if person_id is None:
        return
    same = same_announced_since(
        deed.session, deed.community_id, person_id, lines,
        store_id=store_id, since=deed.now - AGAIN_WITHIN,
    )  # fmt: skip
    if same is not None:
        raise JustAnnounced(deposit_id=same.id, announced_at=same.announced_at.isoformat())


def _last_day(parameters: Parameters, on: date, bring_on: date | None) -> date:
    """The last day on which what is announced may be brought."""
    until = on + timedelta(days=parameters.whole("goods.pre_deposit_days"))
    if bring_on is not None and not on <= bring_on <= until:
        raise BadInput(field="bring_on", why="range")
    return until


def _write(
    deed: Deed, deposit_id: int, *, row: dict[str, Any], lines: tuple[AnnouncedLine, ...]
) -> None:
    nothing_yet = {"accepted_pieces": 0, "refused_pieces": 0, "value_yuan": 0}
    key = {"community_id": deed.community_id, "id": deposit_id, "channel": deed.by.channel}
    deed.session.execute(insert(deposit).values(**key, **row, **nothing_yet))
    deed.session.execute(insert(announced_line), _rows(deed.by, deposit_id, lines))


def check_donor(deed: Deed, person_id: int | None, organisation_id: int | None) -> None:
    """Check that the donor is the actor, or that the actor's role lets them act for others.

    A kiosk acts for the card that was scanned; without a card the donation is anonymous.

    **Refuses**: ``NotAllowed``; ``NotFound``, also for a donor out of reach; ``BadInput`` for two
    donors of one deposit.
    """
    if person_id is not None and organisation_id is not None:
        raise BadInput(field="donor_organisation_id", why="one_donor")
    for_others = may.ANNOUNCE_FOR_OTHERS.is_held(deed.by) or deed.by.channel == "kiosk"
    if not for_others and (deed.by.person_id is None or organisation_id is not None):
        raise NotAllowed(deed="announce_deposit")
    if person_id is not None and person_id != deed.by.person_id:
        if not for_others:
            raise NotAllowed(deed="announce_deposit")
        if deed.by.channel == "kiosk":
            person_brief(deed.session, deed.community_id, person_id)
        else:
            person_reached(deed.session, deed.by, person_id, may.ANNOUNCE_FOR_OTHERS)
    if organisation_id is not None:
        known = {organisation.id for organisation in organisations(deed.session, deed.community_id)}
        if organisation_id not in known:
            raise NotFound(kind="organisation")


def _answer_at_once(
    lines: tuple[AnnouncedLine, ...],
    known: Mapping[int, Item],
    parameters: Parameters,
    *,
    comes_on: date,
) -> None:
    """Refuse what nobody could take in on the day on which it comes."""
    for number, line in enumerate(lines):
        item = known[line.item_id] if line.item_id else None
        if item is not None and item.retired_on is not None and item.is_retired(comes_on):
            raise ItemRetired(line=number, since_on=item.retired_on.isoformat())
        if is_expired(line.best_before_on, comes_on):
            raise TooCloseToExpiry(line=number, last_on=str(line.best_before_on))
        refused = refused_for(
            item.kind if item else None,
            lacking=line.lacking,
            refused_kind=line.refused_kind,
            parameters=parameters,
            also=item.asked if item else (),
        )
        if refused is not None:
            raise refused.error(number)


def _check(
    deed: Deed, *, store_id: int, lines: tuple[AnnouncedLine, ...], thanks: str
) -> dict[int, Item]:
    """Check the shape of an announcement; return its items of the catalogue."""
    store_kept_open(deed.session, deed.community_id, store_id)
    if thanks not in THANKS:
        raise BadInput(field="thanks", why="choice")
    if not 1 <= len(lines) <= LINES_MAX:
        raise BadInput(field="lines", why="count", most=LINES_MAX)
    wanted = {line.item_id for line in lines if line.item_id is not None}
    found = items(deed.session, deed.community_id, wanted) if wanted else []
    known = {item.id: item for item in found}
    for number, line in enumerate(lines):
        check_told(line.pieces, line.condition, number=number)
        if line.item_id is None and not line.described.strip():
            raise BadInput(field=f"lines.{number}.described", why="needed")
        if line.item_id is not None and line.item_id not in known:
            raise NotFound(kind="item", line=number)
    return known


def _codes_in_use(deed: Deed) -> set[str]:
    rows = deed.session.scalars(
        select(deposit.c.code).where(deposit.c.community_id == deed.community_id, IS_OPEN)
    )
    return {code for code in rows if code is not None}


def _rows(by: By, deposit_id: int, lines: tuple[AnnouncedLine, ...]) -> list[dict[str, Any]]:
    return [
        {
            "community_id": by.community_id,
            "deposit_id": deposit_id,
            "line": number,
            "item_id": line.item_id,
            "described": line.described.strip()[:80],
            "pieces": line.pieces,
            "condition": line.condition,
            "best_before_on": line.best_before_on,
        }
        for number, line in enumerate(lines)
    ]


@action("lapse_announcements")
def lapse_announcements(deed: Deed) -> AnnouncementsLapsed:
    """End announcements whose last day is over; goods at a kiosk stay.

    **Refuses**: ``NotAllowed`` to all but the nightly job, keepers and the coordinator.
    """
    may.LAPSE_ANNOUNCEMENTS.require(deed.by)
    lapsed = deed.session.scalars(
        update(deposit)
        .where(
            deposit.c.community_id == deed.community_id,
            IS_ANNOUNCED,
            deposit.c.valid_until_on < local_day(deed.now),
        )
        .values(state=LAPSED)
        .returning(deposit.c.id)
    ).all()
    audit(deed, name="lapse_announcements", subject_kind="deposit", facts={"deposits": len(lapsed)})
    return AnnouncementsLapsed(tuple(sorted(lapsed)))
