"""What the subject of goods brings to the sample community: a shop, and what people give.

Only who gives what and when; whether it may be given is decided by the actions.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from timebank.deeds.founded import Founded
from timebank.goods.actions import (
    NewItem,
    announce_deposit,
    lapse_announcements,
    receive_deposit,
    sign_cleaning,
)
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.goods.usual import usual_items
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life

# How often each item is given, by its name in the catalogue; every other item is rare.
GIVEN_OFTEN = {
    "大米 5kg": 14, "面条 1kg": 9, "食用油 1.8L": 10, "食盐": 5, "酱油": 4, "白糖": 4,
    "鸡蛋 30枚": 6, "牛奶 250ml×12": 7, "饼干": 5, "罐头": 5, "面包": 2, "洗衣粉": 4,
    "洗衣液": 4, "肥皂": 4, "牙膏": 3, "毛巾": 4, "卫生纸": 6, "冬衣": 3, "童装": 4,
    "图书": 5, "文具套装": 3, "棉被": 2,
}  # fmt: skip
WORN = ("clothes", "bedding", "books", "toys", "mobility")
# What a kind of goods sometimes lacks.
OFTEN_LACKING = {"clothes": "washed", "bedding": "washed", "electrical": "working_test"}
Lines = tuple[JudgedLine, ...]


@dataclass(frozen=True, slots=True)
class AnnouncedGift:
    """A deposit that somebody will bring, and what the keeper will find in it."""

    deposit_id: int
    lines: Lines


@dataclass(kw_only=True)
class SampleShop:
    """The shop of the sample: its catalogue, about what lies on its shelf, and what will come.

    ``lent`` are the items that are not given away; ``on_shelf`` counts pieces by item, as the
    neighbours believe; the books know better.
    """

    store_id: int
    catalogue: tuple[NewItem, ...]
    item_ids: dict[str, int]
    lent: frozenset[int] = frozenset()
    on_shelf: Counter[int] = field(default_factory=Counter)
    to_bring: dict[date, list[AnnouncedGift]] = field(default_factory=dict)


def found(life: Life) -> None:
    """Take over the shop and the catalogue that the community was founded with."""
    founded, items = life.part(Founded), usual_items()
    names = (item.name_zh for item in items)
    item_ids = dict(zip(names, founded.item_ids, strict=True))
    lent = frozenset(item_ids[item.name_zh] for item in items if item.is_loan)
    shop_id = founded.store_ids[0]
    life.keep(SampleShop(store_id=shop_id, catalogue=items, item_ids=item_ids, lent=lent))


def lapse_on_mondays(life: Life) -> None:
    """Let announcements lapse that nobody brought in time."""
    if life.day.weekday() == 0:
        life.send(lapse_announcements, life.founder, now=life.at(0, 6))


def give(life: Life) -> None:
    """Receive what was announced for today and what walks in, and announce for later."""
    shop = life.part(SampleShop)
    for gift in shop.to_bring.pop(life.day, []):
        _receive(life, gift.lines, deposit_id=gift.deposit_id)
    for _ in range(life.rng.choice((0, 1, 1, 2, 2))):
        lines = tuple(_line(life) for _ in range(life.rng.choice((1, 1, 2, 2, 3))))
        if life.chance(30):
            _announce(life, lines)
        else:
            _receive(life, lines, **_donor(life))


def _line(life: Life) -> JudgedLine:
    """Draw one item with its pieces, condition and best-before day."""
    shop, rng = life.part(SampleShop), life.rng
    weights = [GIVEN_OFTEN.get(item.name_zh, 1) for item in shop.catalogue]
    item = rng.choices(shop.catalogue, weights)[0]
    pieces = rng.choice((2, 3, 4, 4, 6, 8)) if item.kind == "food" else rng.choice((1, 2, 2, 4))
    best_before_on = None
    if item.shelf_life_days:
        days_left = max(1, int(item.shelf_life_days * rng.uniform(0.1, 0.95)))
        best_before_on = life.day + timedelta(days=days_left)
    is_worn = item.kind in WORN
    condition = rng.choice(("new", "nine_tenths", "eight_tenths")) if is_worn else "new"
    is_opened = item.kind == "food" and life.chance(2)
    lacks = OFTEN_LACKING.get(item.kind)
    return JudgedLine(
        item_id=shop.item_ids[item.name_zh],
        brought=pieces,
        accepted=pieces,
        condition="worse" if is_worn and life.chance(6) else condition,
        best_before_on=best_before_on,
        opened=is_opened,
        lacking=(lacks,) if lacks and life.chance(5) else (),
    )


def _donor(life: Life) -> dict[str, Any]:
    """Draw who gives: nobody known, a firm, or a resident."""
    neighbourhood, draw = life.part(Neighbourhood), life.rng.randrange(100)
    if draw < 15:
        return {}
    if draw < 35:
        return {"donor_organisation_id": life.rng.choice(neighbourhood.firms)}
    spot = neighbourhood.anybody(life.rng)
    thanks = "points" if life.chance(20) else "receipt"
    return {"donor_person_id": neighbourhood.person_id(spot), "thanks": thanks}


def _announce(life: Life, lines: Lines) -> None:
    neighbourhood, shop = life.part(Neighbourhood), life.part(SampleShop)
    donor = neighbourhood.resident(neighbourhood.anybody(life.rng))
    announced = life.send(
        announce_deposit,
        donor,
        now=life.at(19, 30),
        store_id=shop.store_id,
        lines=_as_announced(lines),
        donor_person_id=donor.person_id,
    )
    if announced is not None and life.chance(88):
        lines = tuple(replace(line, announced_line=number) for number, line in enumerate(lines))
        bring_on = life.day + timedelta(days=life.rng.randrange(1, 9))
        gifts = shop.to_bring.setdefault(bring_on, [])
        gifts.append(AnnouncedGift(announced.deposit_id, lines))


def _as_announced(lines: Lines) -> tuple[AnnouncedLine, ...]:
    """What the donor says of the things that the keeper will judge."""
    return tuple(
        AnnouncedLine(
            item_id=line.item_id,
            pieces=line.brought,
            condition="eight_tenths" if line.condition == "worse" else line.condition,
            best_before_on=line.best_before_on,
        )
        for line in lines
    )


def _receive(life: Life, lines: Lines, **donor: Any) -> None:
    keeper = life.part(Neighbourhood).one_of_staff("keeper", life.rng)
    shop = life.part(SampleShop)
    receipt = life.send(
        receive_deposit,
        keeper,
        now=life.at(10, life.rng.randrange(60)),
        store_id=shop.store_id,
        lines=lines,
        **donor,
    )
    for line in receipt.lines if receipt is not None else ():
        if line.lot_id is None or line.item_id is None:
            continue
        if not line.waits_for_cleaning:
            shop.on_shelf[line.item_id] += line.accepted
        elif not (life.is_recent and life.chance(60)):
            life.send(sign_cleaning, keeper, now=life.at(11, 30), lot_id=line.lot_id)
            shop.on_shelf[line.item_id] += line.accepted


def announce_on_last_evening(life: Life) -> None:
    """Announce at the kiosk what the worklist of the demo shows."""
    if not life.is_last_day:
        return
    neighbourhood, shop = life.part(Neighbourhood), life.part(SampleShop)
    for spot in neighbourhood.last_visitors(life.rng)[:3]:
        donor = neighbourhood.at_kiosk(spot)
        lines = tuple(_line(life) for _ in range(life.rng.choice((1, 2))))
        life.send(
            announce_deposit,
            donor,
            now=life.at(18, life.rng.randrange(60)),
            store_id=shop.store_id,
            lines=_as_announced(lines),
            donor_person_id=donor.person_id,
        )
