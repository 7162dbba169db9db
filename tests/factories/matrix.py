"""A small world in which each route can be tried by each role on four kinds of ids.

``own`` is of the actor's household; ``household`` of another one in the actor's grid; ``grid`` of
the other grid; ``community`` of the neighbour community. A *home* is a household with everything
that can be named in an address or a form.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session
from stdnum import ean

from tests.factories import make_by
from tests.factories import people as make
from tests.factories.aid import make_claim
from tests.factories.goods import Shop, make_shop, make_stock
from tests.factories.hours import make_services, register
from tests.factories.people import a_request_id
from timebank.aid import actions as aid
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.goods import actions as goods
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.hours import actions as hours
from timebank.households import actions as households
from timebank.households.messages import PAPER_ENDS
from timebank.imports import actions as imports
from timebank.joining.actions import register as register_oneself
from timebank.joining.queries import waiting_list
from timebank.joining.rules import NewRegistration, Sender
from timebank.messages.actions import NewMessage, write_messages
from timebank.messages.queries import inbox
from timebank.people import actions as people
from timebank.people.actions.consents import write_consents
from timebank.people.queries import by_of_user, staff
from timebank.people.rules.invitations import InvitedRole
from timebank.settings.actions import propose_setting
from timebank.values import By, Role

KINDS = ("own", "household", "grid", "community")
STAFF = (
    "grid_worker", "keeper", "social_worker", "hotline", "approver", "coordinator", "cashier",
    "accountant", "auditor",
)  # fmt: skip
ACTORS = ("nobody", "resident", *STAFF)
CHANGED = "aid.hold_hours"  # The parameter of which each home proposes a change.


@dataclass(frozen=True, slots=True)
class Home:
    """A household: somebody in it, their card, and what waits for or belongs to them."""

    by: By
    ids: dict[str, int]
    pickup_code: str


@dataclass(slots=True)
class World:
    """The homes by actor and kind; ``ids`` are those of the store and its catalogue."""

    homes: dict[tuple[str, str], Home] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the table: a request, built for one home. ``has_ids``: it names something."""

    name: str
    build: Callable[[Home, World], tuple[str, dict[str, Any]]]
    has_ids: bool = True

    @property
    def method(self) -> str:
        return self.name.split()[0]

    @property
    def rule(self) -> str:
        return self.name.split()[1]


class Undone(Database):
    """A database whose deeds do everything but commit, so that no trial changes the next one."""

    def write(self, work: Any, *, at_most_once: bool = False) -> Any:
        answers: list[Any] = []

        def undone(session: Session, now: datetime) -> None:
            answers.append(work(session, now))
            raise _Undo

        with suppress(_Undo):
            super().write(undone, at_most_once=at_most_once)
        return answers[-1]


class _Undo(Exception):
    pass


def make_world(session: Session, shop: Shop, now: datetime) -> World:
    """Build every home; each member of staff lives in the first grid."""
    world = World()
    away = make_shop(session, make.make_town(session, 2))
    lots = [make_stock(session, one, "肥皂", 60) for one in (shop, away)]
    for one in (shop, away):
        make_services(session, one.town)
    shared = {
        "household": _home(session, shop, now, building=0),
        "grid": _home(session, shop, now, building=1),
        "community": _home(session, away, now, building=0),
    }
    for actor in ("resident", *STAFF):
        role = _role(actor, shop)
        own = _home(session, shop, now, building=0, roles=(role,) if role else ())
        world.homes |= {(actor, kind): home for kind, home in shared.items()}
        world.homes[actor, "own"] = own
    for kind in KINDS:  # Nobody owns nothing: any household is like another.
        world.homes["nobody", kind] = shared["household"]
    world.ids = {
        "store": shop.store_id,
        "soap": shop.item("肥皂"),
        "soap_lot": lots[0],
        "service": next(iter(make_services(session, shop.town).values())),
        "helper": _volunteer(session, shop),
        "building": shop.town.building_ids[0],
    }
    return world


def _role(actor: str, shop: Shop) -> Role | None:
    places = {"grid_worker": shop.town.grid_ids[0], "keeper": shop.town.store_place_id}
    return None if actor == "resident" else Role(actor, places.get(actor))


def _volunteer(session: Session, shop: Shop) -> int:
    person_id = make.make_household(session, shop.town).person_ids[0]
    register(session, shop.town, person_id)
    return person_id


def _home(
    session: Session, shop: Shop, now: datetime, *, building: int, roles: tuple[Role, ...] = ()
) -> Home:
    town = shop.town
    three = make.new_person(), make.new_person(), make.new_person()
    family = make.make_household(session, town, *three, building=building)
    person_id = family.person_ids[0]
    by = make.make_user(session, town, person_id, *roles)
    ids = {"person_id": person_id, "household_id": family.household_id}
    ids["card"] = make.make_card(session, town, person_id, pin="2591").id
    ids["reset_id"] = _pin_reset(session, shop, now, family.person_ids[1])
    ids["issue_id"] = _card_issue(session, shop, now, family.person_ids[1])
    ids["place_id"] = town.building_ids[building]
    ids["store_id"] = shop.store_id
    ids["service_id"] = next(iter(make_services(session, town).values()))
    ids["item_id"] = shop.item("食盐")
    ids["item_code_id"] = _item_code(session, shop, now)
    ids["item_change_id"] = _item_change(session, shop, now, person_id)
    write_consents(
        Deed(session, town.by, now, a_request_id()), [person_id], ["register"],
        said_by_person_id=person_id,
    )  # fmt: skip
    ids["registration_id"] = _registration(session, shop, now, building=building)
    ids["invitation_id"] = _invitation(session, shop, now, family.person_ids[1])
    ids["change_id"] = _change(session, shop, now, family.person_ids[1], family.household_id)
    ids |= _batches(session, shop, now, by)
    ids["relation_id"] = _relation(session, shop, now, family.person_ids[1], building=building)
    ids["merge_id"] = _merge(session, shop, now, family.person_ids[2], building=building)
    ids["mandate_id"] = _mandate(session, shop, now, family.person_ids[2], building=building)
    ids |= _colleague(session, shop, now, family.person_ids[2])
    resident = By(by.community_id, by.client, person_id=person_id, household_id=by.household_id)

    def deed() -> Deed:
        return Deed(session, resident, now, a_request_id())

    asked, refused = (make_claim(session, shop, resident, now=now, 肥皂=1) for _ in range(2))
    aid.ask_for_person(deed(), claim_id=asked.claim_id)
    ids |= _firm(session, shop, now, person_id)
    ids["proof_id"] = make.make_proof(session, town, family.household_id)
    ids["pictured"] = _pictured(session, shop, now, family.household_id)
    ready = make_claim(session, shop, resident, now=now, 肥皂=1)
    ids |= {"claim_id": ready.claim_id, "refused": refused.claim_id, "review": asked.claim_id}
    ids["message"] = _message(session, shop, now, person_id)
    ids |= _gifts(session, shop, deed) | _service(session, shop, now, person_id)
    found = by_of_user(session, town.community_id, by.user_id or 0)
    assert found is not None and ready.pickup_code is not None
    return Home(found, ids, ready.pickup_code)


def _message(session: Session, shop: Shop, now: datetime, person_id: int) -> int:
    """A message of which staff are to call the person."""
    deed = Deed(session, shop.town.by, now, a_request_id())
    facts = {"paper": "dibao", "on": "2025-07-01"}
    new = NewMessage(kind=PAPER_ENDS, person_id=person_id, about="paper:1", facts=facts)
    write_messages(deed, [new])
    return inbox(session, shop.town.community_id, person_id, limit=1)[0].id


def _pin_reset(session: Session, shop: Shop, now: datetime, person_id: int) -> int:
    """A PIN that the keeper of the shop has asked for, and that waits for a second colleague."""
    card = make.make_card(session, shop.town, person_id, pin="2591")
    deed = Deed(session, make.keeper(session, shop.town), now, a_request_id())
    return people.ask_pin_reset(deed, card_id=card.id).pin_reset_id


def _colleague(session: Session, shop: Shop, now: datetime, person_id: int) -> dict[str, int]:
    """Somebody of staff in the household, whose password waits for a second colleague."""
    by = make.make_user(session, shop.town, person_id, Role("hotline"))
    deed = Deed(session, make.coordinator(session, shop.town), now, a_request_id())
    asked = people.ask_password_reset(deed, user_id=by.user_id or 0)
    held = staff(session, shop.town.community_id, user_id=by.user_id, now=now)
    ids = {"user_id": asked.user_id, "role_id": held[0].role_id}
    return ids | {"password_reset": asked.password_reset_id}


def _firm(session: Session, shop: Shop, now: datetime, person_id: int) -> dict[str, int]:
    """A firm for which the person speaks, with one gift."""
    deed = Deed(session, shop.town.by, now, a_request_id())
    new = people.NewOrganisation(f"第 {person_id} 商行")
    (firm_id,) = people.add_organisations(deed, organisations=(new,)).organisation_ids
    told = {"organisation_id": firm_id}
    named = people.name_representative(deed, person_id=person_id, **told)
    received = goods.receive_deposit(
        Deed(session, shop.keeper, now, a_request_id()), store_id=shop.store_id,
        donor_organisation_id=firm_id, lines=(JudgedLine(shop.item("肥皂"), 1, 1),),
    )  # fmt: skip
    return told | {"speaker": named.representative_id, "firm_gift": received.deposit_id}


def _registration(session: Session, shop: Shop, now: datetime, *, building: int) -> int:
    """Somebody of the building who registered and has not come yet."""
    nobody = By(community_id=shop.town.community_id, client="nobody")
    place = shop.town.building_ids[building]
    new = NewRegistration(
        name="覃小满", birth_on=date(1958, 5, 21), phone="10099990201", agrees=True,
        building_id=place,
    )  # fmt: skip
    sender = Sender(f"192.0.2.{next(_days)}")
    register_oneself(Deed(session, nobody, now, a_request_id()), new=new, sender=sender)
    waiting = waiting_list(session, shop.town.by, now=now)
    return max(one.id for one in waiting if one.building_id == place)


def _invitation(session: Session, shop: Shop, now: datetime, person_id: int) -> int:
    """An invitation to be cashier, which waits for a second coordinator."""
    deed = Deed(session, make.coordinator(session, shop.town), now, a_request_id())
    told = {"person_id": person_id, "roles": (InvitedRole("cashier"),)}
    return people.invite_user(deed, **told).invitation_id


_days = count(2)
_doors = count(1)


def _change(session: Session, shop: Shop, now: datetime, person_id: int, household_id: int) -> int:
    """A change of a rule that somebody of the household proposed, for a day of its own."""
    by = make_by(
        "coordinator", community_id=shop.town.community_id, person_id=person_id,
        household_id=household_id,
    )  # fmt: skip
    told = {"key": CHANGED, "value": 48, "source": "议事会", "reason": "来不及取"}
    day = now.date() + timedelta(days=next(_days) % 700 + 2)
    return propose_setting(
        Deed(session, by, now, a_request_id()), valid_from_on=day, **told
    ).change_id


def _batches(session: Session, shop: Shop, now: datetime, by: By) -> dict[str, int]:
    """A sheet that somebody of the household uploaded, and one that they ask to take back."""
    town = shop.town
    first, second = make.coordinator(session, town), make.coordinator(session, town)
    own = make_by(
        "coordinator", community_id=town.community_id, person_id=by.person_id,
        household_id=by.household_id,
    )  # fmt: skip

    def staged(by: By) -> int:
        rows = (("楼栋", "门牌", "姓名"), ("1", f"导入{next(_doors)}", "陈甲一"))
        deed = Deed(session, by, now, a_request_id())
        return imports.stage_sheet(deed, kind="people", file_name="", rows=rows).batch_id

    booked = staged(first)
    imports.book_sheet(Deed(session, second, now, a_request_id()), batch_id=booked)
    imports.ask_undo_sheet(
        Deed(session, own, now, a_request_id()), batch_id=booked, reason="传错了表，是旧的名单"
    )
    return {"batch_id": staged(own), "booked_batch": booked}


def _relation(session: Session, shop: Shop, now: datetime, person_id: int, *, building: int) -> int:
    """A recorded relative in the same grid."""
    other_id = make.make_household(session, shop.town, building=building).person_ids[0]
    deed = Deed(session, make.social_worker(session, shop.town), now, a_request_id())
    pair = {"person_id": person_id, "other_person_id": other_id}
    return people.record_relation(deed, **pair, kind="other", from_on=now.date()).relation_id


def _merge(session: Session, shop: Shop, now: datetime, person_id: int, *, building: int) -> int:
    """A question whether somebody of the household stands in the lists twice."""
    new = replace(make.new_person(), id_no="")
    other_id = make.make_household(session, shop.town, new, building=building).person_ids[0]
    deed = Deed(session, make.social_worker(session, shop.town), now, a_request_id())
    pair = {"person_id": other_id, "into_person_id": person_id}
    return households.ask_merge(deed, **pair, reason="看了证件，是同一个人").merge_id


def _mandate(session: Session, shop: Shop, now: datetime, person_id: int, *, building: int) -> int:
    """Somebody of another household is to act for a member; it waits for a second colleague."""
    other_id = make.make_household(session, shop.town, building=building).person_ids[0]
    deed = Deed(session, make.social_worker(session, shop.town), now, a_request_id())
    until_on = now.date() + timedelta(days=30)
    return people.ask_mandate(
        deed, person_id=person_id, agent_person_id=other_id, deeds=("fetch",), ground="paper",
        ground_note="代办委托书", until_on=until_on,
    ).mandate_id  # fmt: skip


_gtins = count(1)


def _item_code(session: Session, shop: Shop, now: datetime) -> int:
    deed = Deed(session, make.keeper(session, shop.town), now, a_request_id())
    typed = (digits := f"690{next(_gtins):09d}") + ean.calc_check_digit(digits)
    return goods.learn_barcode(deed, item_id=shop.item("食盐"), typed=typed).item_code_id


def _item_change(session: Session, shop: Shop, now: datetime, person_id: int) -> int:
    deed = Deed(session, make.keeper(session, shop.town), now, a_request_id())
    tea = goods.ItemFields(name_zh=f"茶 {person_id}", name_en="Tea", unit_zh="罐", unit_en="tin",
                           item_kind="household", reference_fen=900, is_loan=False)  # fmt: skip
    return goods.propose_item(deed, fields=tea).item_change_id


def _card_issue(session: Session, shop: Shop, now: datetime, person_id: int) -> int:
    """A card that the keeper of the shop has asked for, and that waits for a second colleague."""
    deed = Deed(session, make.keeper(session, shop.town), now, a_request_id())
    return people.ask_card(deed, person_id=person_id).card_issue_id


def _pictured(session: Session, shop: Shop, now: datetime, household_id: int) -> int:
    """A paper with a picture."""
    paper = people.NewProof(household_id, "tekun", now.date(), now.date(), picture=make.a_picture())
    deed = Deed(session, shop.town.by, now, a_request_id())
    return people.add_proofs(deed, proofs=(paper,)).proof_ids[0]


def _gifts(session: Session, shop: Shop, deed: Callable[[], Deed]) -> dict[str, int]:
    """One announcement that is still open, and one gift that was received."""
    soap, donor = shop.item("肥皂"), deed().by.person_id
    announced = goods.announce_deposit(
        deed(), store_id=shop.store_id, donor_person_id=donor, lines=(AnnouncedLine(soap, 1),)
    )
    received = goods.receive_deposit(
        Deed(session, shop.keeper, deed().now, a_request_id()),
        store_id=shop.store_id, donor_person_id=donor, lines=(JudgedLine(soap, 1, 1),),
    )  # fmt: skip
    return {"announced": announced.deposit_id, "deposit_id": received.deposit_id}


def _service(session: Session, shop: Shop, now: datetime, person_id: int) -> dict[str, int]:
    """A session that waits for the person as recipient, and one of theirs with a proposed end."""
    town, start = shop.town, now - timedelta(hours=15)
    services = make_services(session, town)
    helper_id = make.make_person(session, town)
    register(session, town, helper_id, person_id)

    def deed(at: datetime) -> Deed:
        return Deed(session, town.by, at, a_request_id())

    new = hours.NewRecord(
        helper_id, services["company"], start + timedelta(hours=2), start + timedelta(hours=3),
        recipient_person_id=person_id,
    )  # fmt: skip
    record_id = hours.enter_records(deed(now), records=(new,)).record_ids[0]
    told = {"person_id": person_id, "service_id": services["company"]}
    shift = hours.check_in(deed(start), at=start, **told)
    hours.propose_end(
        deed(now), record_id=shift.record_id, ended_at=start + timedelta(hours=1), note="电话"
    )
    return {"record": record_id, "shift": shift.record_id}
