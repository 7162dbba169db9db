"""The data that a kiosk may keep offline, and the current state of one card.

It contains no phone, address, id number, full name or PIN, and no hash of a card's number,
because the disk may be stolen.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from timebank.aid import queries as aid
from timebank.goods import queries as goods
from timebank.hours import queries as hours
from timebank.kiosks import wire
from timebank.kiosks.queries.cards import CardOwner, code_refs, refs_of_card, refs_of_cards
from timebank.kiosks.queries.devices import Device
from timebank.ledger.accounts import accounts_named
from timebank.ledger.queries import AccountName, Balances, balances_of
from timebank.messages.queries import unread_count
from timebank.people import queries as people
from timebank.policy.refusals import NeedsReview
from timebank.values import MINUTES, SERVED, to_us

VOLUNTEERS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class _Hours:
    available: int = 0
    cumulative: int = 0


def snapshot_for(session: Session, device: Device, now: datetime) -> wire.Snapshot:
    """Everything a kiosk may keep, read in a fixed number of statements.

    The version is a hash of the content without the time, so an unchanged snapshot is not sent.
    """
    community_id, made_at = device.community_id, to_us(now)
    members = _members(session, device, made_at=made_at)
    items = tuple(
        wire.CatalogueItem(
            item_id=item.id, name_zh=item.name_zh, name_en=item.name_en, unit_zh=item.unit_zh,
            unit_en=item.unit_en, kind=item.kind, barcode=item.barcode,
            has_best_before=item.has_best_before,
        )
        for item in goods.items(session, community_id)
    )  # fmt: skip
    services = tuple(
        wire.SnapshotService(service.id, service.name_zh, service.name_en)
        for service in hours.services(session, community_id)
    )
    timeless = wire.Snapshot(
        version="", made_at=0, members=_timeless(members), items=items, services=services
    )
    version = wire.digest(wire.canonical(timeless))[:16]
    return wire.Snapshot(
        version=version, made_at=made_at, members=members, items=items, services=services
    )


def _timeless(members: tuple[wire.Member, ...]) -> tuple[wire.Member, ...]:
    return tuple(wire.with_passbook_as_of(member, 0) for member in members)


def _members(session: Session, device: Device, *, made_at: int) -> tuple[wire.Member, ...]:
    community_id = device.community_id
    refs = refs_of_cards(session, device)
    holders = [
        card_holder
        for card_holder in people.card_holders(session, community_id)
        if card_holder.card_id in refs
    ]
    ids = sorted({holder.person_id for holder in holders})
    helpers = {
        volunteer.person_id
        for volunteer in hours.volunteers(session, community_id, limit=VOLUNTEERS_MAX)
    }
    minutes = _hours_of(session, community_id, ids)
    shifts = hours.open_shifts(session, community_id)
    return tuple(
        _member(
            holder, code_refs(device, holder, refs[holder.card_id]),
            minutes=minutes.get(holder.person_id, _Hours()),
            is_volunteer=holder.person_id in helpers, shift=shifts.get(holder.person_id),
            made_at=made_at, is_open=not holder.asks_pin,
        )
        for holder in holders
    )  # fmt: skip


def _member(
    holder: people.CardHolder,
    refs: tuple[str, ...],
    *,
    minutes: _Hours,
    is_volunteer: bool,
    shift: hours.OpenShift | None,
    made_at: int,
    is_open: bool,
    pieces_left: int | None = None,
) -> wire.Member:
    """A revoked card says only that it is revoked, a closed one has no passbook."""
    book = wire.SnapshotPassbook(minutes.available, minutes.cumulative, pieces_left, made_at)
    if holder.revoked:
        return wire.Member(
            refs=refs,
            member="",
            name="",
            language=holder.language,
            large_text=False,
            is_volunteer=False,
            revoked=True,
        )
    return wire.Member(
        refs=refs,
        member=str(holder.person_id),
        name=holder.masked_name,
        language=holder.language,
        large_text=holder.large_text,
        is_volunteer=is_volunteer,
        revoked=False,
        passbook=book if is_open else None,
        shift=wire.SnapshotShift(shift.service_id, to_us(shift.started_at)) if shift else None,
        asks_pin=holder.asks_pin,
    )


def _hours_of(session: Session, community_id: int, person_ids: list[int]) -> dict[int, _Hours]:
    """The hours of many people in two statements. **Units**: minutes."""
    names = {
        (owner, commodity): AccountName("person", commodity, owner)
        for owner in person_ids
        for commodity in (MINUTES, SERVED)
    }
    ids = accounts_named(session, community_id, list(names.values()))
    found = balances_of(session, community_id, list(ids.values()))

    def balances(owner: int, commodity: str) -> Balances:
        return found.get(ids.get(names[owner, commodity], 0), Balances())

    return {
        owner: _Hours(balances(owner, MINUTES).available, balances(owner, SERVED).posted)
        for owner in person_ids
    }


def card_today(
    session: Session, device: Device, now: datetime, *, owner: CardOwner | None
) -> wire.CardToday:
    """The current state of one card, and what waits for its holder in this shop."""
    if owner is None:
        return wire.CardToday(None, ())
    community_id = device.community_id
    left, claims = None, []
    if owner.household_id is not None:
        left = _pieces_left(session, community_id, owner.household_id, now=now)
        claims = aid.ready_claims(
            session,
            community_id,
            household_id=owner.household_id,
            store_id=device.store_id,
            now=now,
        )
    minutes = _hours_of(session, community_id, [owner.person_id])[owner.person_id]
    member = _one_member(
        session, device, owner, minutes=minutes, made_at=to_us(now), is_open=True,
        pieces_left=left,
    )  # fmt: skip
    unread = unread_count(session, community_id, owner.person_id)
    return wire.CardToday(member, tuple(_ready(claim) for claim in claims), unread=unread)


def closed_card(
    session: Session, device: Device, now: datetime, *, owner: CardOwner
) -> wire.CardToday:
    """A card whose household asked for the PIN, before the PIN: no passbook, nothing ready."""
    member = _one_member(
        session, device, owner, minutes=_Hours(), made_at=to_us(now), is_open=False
    )
    return wire.CardToday(member, ())


def _one_member(
    session: Session, device: Device, owner: CardOwner, *, minutes: _Hours, made_at: int,
    is_open: bool, pieces_left: int | None = None,
) -> wire.Member:  # fmt: skip
    community_id = device.community_id
    holder = people.holder_of_card(session, community_id, owner.card_id)
    refs = refs_of_card(session, device, owner.card_id)
    return _member(
        holder, code_refs(device, holder, refs), minutes=minutes,
        is_volunteer=hours.volunteer_of(session, community_id, owner.person_id) is not None,
        shift=hours.open_shift(session, community_id, owner.person_id),
        made_at=made_at, is_open=is_open, pieces_left=pieces_left,
    )  # fmt: skip


def code_today(
    session: Session, device: Device, pickup_code: str, *, now: datetime
) -> wire.CardToday:
    """The claim of a pick-up code in this shop, without its household."""
    found = aid.ready_claim_by_code(
        session, device.community_id, device.store_id, pickup_code, now=now
    )
    return wire.CardToday(None, (_ready(found),) if found else ())


def _ready(claim: aid.Claim) -> wire.ReadyClaim:
    names = {line.item_id: line for line in claim.lines}
    pieces: dict[int, int] = {}
    for lot in claim.lots:
        pieces[lot.item_id] = pieces.get(lot.item_id, 0) + lot.pieces
    lines = tuple(
        wire.ReadyLine(
            name_zh=names[item_id].name_zh, name_en=names[item_id].name_en,
            unit_zh=names[item_id].unit_zh, unit_en=names[item_id].unit_en, pieces=count,
        )
        for item_id, count in pieces.items()
    )  # fmt: skip
    until = claim.hold_until_at
    return wire.ReadyClaim(
        claim_id=claim.id,
        claim_no=claim.claim_no,
        lines=lines,
        hold_until_at=to_us(until) if until else 0,
        is_provisional=claim.hold_is_provisional,
    )


def _pieces_left(
    session: Session, community_id: int, household_id: int, *, now: datetime
) -> int | None:
    """What the household may still take in the window; None if only a person can decide."""
    try:
        answer = aid.decide_household(session, community_id, household_id, now=now).answer
    except NeedsReview:
        return None
    return answer.remaining if answer.is_eligible else 0
