"""What the neighbours of the sample community do on one day: give, claim, fetch, serve.

Only who does what and when; whether it may be done is decided by the actions.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from timebank.aid.actions import ask_for_person, claim_goods, issue_at_counter, issue_goods
from timebank.aid.rules import ClaimLine
from timebank.demo.life import Life
from timebank.goods.actions import announce_deposit, receive_deposit, sign_cleaning
from timebank.goods.rules import AnnouncedLine, JudgedLine
from timebank.hours.actions import (
    NewRecord,
    check_in,
    check_out,
    confirm_records,
    enter_records,
)
from timebank.values import By

# How often each thing is given, by its name in the catalogue; what is not here is rare.
GIVEN_OFTEN = {
    "大米 5kg": 14, "面条 1kg": 9, "食用油 1.8L": 10, "食盐": 5, "酱油": 4, "白糖": 4,
    "鸡蛋 30枚": 6, "牛奶 250ml×12": 7, "饼干": 5, "罐头": 5, "面包": 2, "洗衣粉": 4,
    "洗衣液": 4, "肥皂": 4, "牙膏": 3, "毛巾": 4, "卫生纸": 6, "冬衣": 3, "童装": 4,
    "图书": 5, "文具套装": 3, "棉被": 2,
}  # fmt: skip
PATROL_PLACES = ("花园", "停车场", "楼道", "广场")
OPEN_DAYS = 4  # The last days are left for the worklist.
PAPER_DAYS = 4  # Service is entered from paper lists about twice a week.


def _chance(life: Life, percent: int) -> bool:
    return life.rng.randrange(100) < percent


def _is_recent(life: Life) -> bool:
    return life.day >= life.made.population.today - timedelta(days=OPEN_DAYS)


def _keeper(life: Life) -> By:
    return life.rng.choice(life.made.staff["keeper"])


def _anybody(life: Life) -> tuple[int, int]:
    home = life.rng.randrange(len(life.made.population.homes))
    return home, 0


# Giving.


def deposit(life: Life) -> None:
    """Receive what walks in, what was announced for today, and announce for later."""
    for announced in life.to_bring.pop(life.day, []):
        _receive(life, announced["lines"], deposit_id=announced["id"])
    for _ in range(life.rng.choice((0, 1, 1, 2, 2))):
        lines = tuple(_line(life) for _ in range(life.rng.choice((1, 1, 2, 2, 3))))
        if _chance(life, 30):
            _announce(life, lines)
        else:
            _receive(life, lines, **_donor(life))


def _line(life: Life) -> JudgedLine:
    rng, items = life.rng, life.made.catalogue
    item = rng.choices(items, [GIVEN_OFTEN.get(item.name_zh, 1) for item in items])[0]
    pieces = rng.choice((2, 3, 4, 4, 6, 8)) if item.kind == "food" else rng.choice((1, 2, 2, 4))
    life_days = item.shelf_life_days
    best_before = None
    if life_days:
        left = max(1, int(life_days * rng.uniform(0.1, 0.95)))
        best_before = life.day + timedelta(days=left)
    worn = item.kind in ("clothes", "bedding", "books", "toys", "mobility")
    condition = rng.choice(("new", "nine_tenths", "eight_tenths")) if worn else "new"
    opened = item.kind == "food" and _chance(life, 2)
    return JudgedLine(
        item_id=life.made.items[item.name_zh],
        brought=pieces,
        accepted=pieces,
        condition="worse" if worn and _chance(life, 6) else condition,
        best_before_on=best_before,
        opened=opened,
    )


def _donor(life: Life) -> dict[str, Any]:
    draw = life.rng.randrange(100)
    if draw < 15:
        return {}
    if draw < 35:
        return {"donor_organisation_id": life.rng.choice(life.made.firms)}
    home, place = _anybody(life)
    thanks = "points" if _chance(life, 20) else "receipt"
    return {"donor_person_id": life.made.people[home][place], "thanks": thanks}


def _announce(life: Life, lines: tuple[JudgedLine, ...]) -> None:
    donor = life.made.resident(_anybody(life))
    told = _as_told(lines)
    announced = life.send(
        announce_deposit, donor, now=life.at(19, 30),
        store_id=life.made.store_id, lines=told, donor_person_id=donor.person_id,
    )  # fmt: skip
    if announced is not None and _chance(life, 88):
        lines = tuple(replace(line, announced_line=number) for number, line in enumerate(lines))
        bring_on = life.day + timedelta(days=life.rng.randrange(1, 9))
        life.to_bring.setdefault(bring_on, []).append({"id": announced.deposit_id, "lines": lines})


def _as_told(lines: tuple[JudgedLine, ...]) -> tuple[AnnouncedLine, ...]:
    """What the donor says of the things that the keeper will judge."""
    return tuple(
        AnnouncedLine(line.item_id, line.brought, _told_condition(line), line.best_before_on)
        for line in lines
    )


def _told_condition(line: JudgedLine) -> str:
    return "eight_tenths" if line.condition == "worse" else line.condition


def _receive(life: Life, lines: tuple[JudgedLine, ...], **donor: Any) -> None:
    keeper = _keeper(life)
    receipt = life.send(
        receive_deposit, keeper, now=life.at(10, life.rng.randrange(60)),
        store_id=life.made.store_id, lines=lines, **donor,
    )  # fmt: skip
    for line in receipt.lines if receipt is not None else ():
        if line.lot_id is None:
            continue
        if line.item_id is not None and not line.waits_for_cleaning:
            life.stock[line.item_id] += line.accepted
        if line.waits_for_cleaning and not (_is_recent(life) and _chance(life, 60)):
            life.send(sign_cleaning, keeper, now=life.at(11, 30), lot_id=line.lot_id)
            life.stock[line.item_id] += line.accepted


# Taking home.


def claim_and_fetch(life: Life) -> None:
    """Fetch what is ready, then claim anew; now and then somebody asks who may not."""
    for fetched in life.to_fetch.pop(life.day, []):
        life.send(
            issue_goods, _keeper(life), now=life.at(15, life.rng.randrange(60)),
            claim_id=fetched.claim_id, pickup_code=fetched.pickup_code,
        )  # fmt: skip
    for _ in range(life.rng.choice((1, 1, 2, 2))):
        home = life.rng.choice(life.made.homes_with_papers)
        _claim(life, home, at_counter=_chance(life, 60))
    if _chance(life, 40):
        _claim(life, _anybody(life)[0], at_counter=_chance(life, 60))


def _claim(life: Life, home: int, *, at_counter: bool) -> None:
    on_shelf = [item_id for item_id, pieces in life.stock.items() if pieces > 0]
    if not on_shelf:
        return
    wanted = life.rng.sample(on_shelf, min(len(on_shelf), life.rng.choice((1, 2, 2))))
    resident = life.made.resident((home, 0))
    claimed = life.send(
        issue_at_counter if at_counter else claim_goods,
        _keeper(life) if at_counter else resident,
        now=life.at(13, life.rng.randrange(60)),
        household_id=resident.household_id,
        person_id=resident.person_id,
        store_id=life.made.store_id,
        lines=tuple(ClaimLine(item_id, life.rng.choice((1, 1, 2, 3))) for item_id in wanted),
    )
    if claimed is None:
        return
    for line in claimed.lines:
        life.stock[line.item_id] -= line.approved
    if claimed.state == "ready" and _chance(life, 90):
        fetch_on = life.day + timedelta(days=life.rng.choice((1, 1, 2)))
        life.to_fetch.setdefault(fetch_on, []).append(claimed)


def leave_waiting(life: Life) -> None:
    """Leave on the last evening what the worklist of the demo shows: somebody must look at it."""
    made, rng = life.made, life.rng
    spots = [(home, 0) for home in rng.sample(range(len(made.people)), 40)]
    for spot in spots[:3]:
        donor = replace(made.resident(spot, "kiosk"), client="device:history")
        lines = tuple(_line(life) for _ in range(rng.choice((1, 2))))
        life.send(
            announce_deposit, donor, now=life.at(18, rng.randrange(60)),
            store_id=made.store_id, lines=_as_told(lines), donor_person_id=donor.person_id,
        )  # fmt: skip
    papers = set(made.homes_with_papers)
    for spot in [spot for spot in spots if spot[0] not in papers][:3]:
        _claim_and_ask(life, spot)
    for home in rng.sample(made.homes_with_papers, 6):
        _claim(life, home, at_counter=False)


def _claim_and_ask(life: Life, spot: tuple[int, int]) -> None:
    """Be told no, and ask a person to look again."""
    resident = life.made.resident(spot)
    refused = life.send(
        claim_goods, resident, now=life.at(17, life.rng.randrange(60)),
        household_id=resident.household_id, person_id=resident.person_id,
        store_id=life.made.store_id,
        lines=(ClaimLine(life.made.items["大米 5kg"], 1),),
    )  # fmt: skip
    if refused is not None and refused.state == "refused":
        life.send(ask_for_person, resident, now=life.at(19), claim_id=refused.claim_id)


# Serving.


def serve(life: Life) -> None:
    """Every few days enter service from paper: neighbours helped one by one, and rounds."""
    if _chance(life, 20):
        _clock(life)
    if life.day.toordinal() % PAPER_DAYS:
        return
    helpers, wardens = life.made.population.helpers, life.made.population.wardens
    visits = tuple(_visit(life, spot) for spot in life.rng.sample(helpers, 3 * PAPER_DAYS))
    rounds = tuple(_round(life, spot) for spot in life.rng.sample(wardens, 4 * PAPER_DAYS))
    social, founder = life.rng.choice(life.made.staff["social"]), life.made.staff["coordinator"][0]
    visited = _enter(life, visits, social)
    _wait(life, visited, by=social, records=visits)
    _wait(life, _enter(life, rounds, founder), by=founder)


def _some_days(life: Life) -> timedelta:
    """How long ago it was: within the days that one paper covers."""
    return timedelta(days=life.rng.randrange(PAPER_DAYS))


def _visit(life: Life, spot: tuple[int, int]) -> NewRecord:
    rng, made = life.rng, life.made
    elders = [home for home in made.elders_alone if home != spot[0]]
    codes = ("companion", "errands", "clinic", "cleaning", "meals", "smartphone", "repair")
    started = life.at(rng.randrange(8, 16), rng.choice((0, 10, 30))) - _some_days(life)
    return NewRecord(
        person_id=made.people[spot[0]][spot[1]],
        service_id=made.services[rng.choice(codes)],
        started_at=started,
        ended_at=started + timedelta(minutes=rng.randrange(25, 175)),
        recipient_person_id=made.people[rng.choice(elders)][0],
    )


def _round(life: Life, spot: tuple[int, int]) -> NewRecord:
    rng, made = life.rng, life.made
    started = life.at(rng.choice((6, 19)), 0) - _some_days(life)
    building = made.population.homes[spot[0]].building
    return NewRecord(
        person_id=made.people[spot[0]][spot[1]],
        service_id=made.services["patrol"],
        started_at=started,
        ended_at=started + timedelta(minutes=rng.choice((30, 32, 35, 60))),
        place=f"{building + 1}栋{rng.choice(PATROL_PLACES)}",
        place_id=made.buildings[building],
    )


def _enter(life: Life, records: tuple[NewRecord, ...], by: By) -> tuple[int, ...]:
    entered = life.send(enter_records, by, now=life.at(21), records=records)
    if entered is None:
        return ()
    life.tally["records"] += len(records)
    return tuple(entered.record_ids)


def _wait(
    life: Life, record_ids: tuple[int, ...], *, by: By, records: tuple[NewRecord, ...] = ()
) -> None:
    """Let records wait for those who confirm them tomorrow."""
    if record_ids:
        waiting = {"ids": record_ids, "records": records, "by": by}
        life.to_confirm.setdefault(life.day + timedelta(days=1), []).append(waiting)


def _clock(life: Life) -> None:
    """Check in and out at the kiosk of the shop."""
    spot = life.rng.choice(life.made.population.helpers)
    volunteer = replace(life.made.resident(spot, "kiosk"), client="device:history")
    started = life.at(9, life.rng.randrange(60))
    begun = life.send(
        check_in, volunteer, now=started,
        person_id=volunteer.person_id, service_id=life.made.services["culture"],
        at=started, place="社区活动室",
    )  # fmt: skip
    if begun is None:
        return
    ended = started + timedelta(minutes=life.rng.randrange(40, 190))
    life.send(check_out, volunteer, now=ended, person_id=volunteer.person_id, at=ended)
    life.tally["records"] += 1
    _wait(life, (begun.record_id,), by=volunteer)


def confirm_yesterday(life: Life) -> None:
    """Confirm what was entered yesterday: first who was helped, then who organised it."""
    waiting = [
        one
        for one in life.to_confirm.pop(life.day, [])
        # What is recent waits for the reader of the demo: the worklist is never quite empty.
        if not (_is_recent(life) and _chance(life, 70))
    ]
    for one in waiting:
        if one["records"]:
            _confirm_as_recipients(life, one)
    by_organiser: dict[By, tuple[int, ...]] = {}
    for one in waiting:
        organiser = _other_staff(life, one["by"])
        by_organiser[organiser] = by_organiser.get(organiser, ()) + one["ids"]
    for organiser, record_ids in by_organiser.items():
        life.send(
            confirm_records, organiser, now=life.at(9, 30),
            record_ids=record_ids, as_="organiser",
        )  # fmt: skip


def _confirm_as_recipients(life: Life, waiting: dict[str, Any]) -> None:
    """The first confirms for himself; the others signed the paper that staff keep."""
    first, *others = zip(waiting["ids"], waiting["records"], strict=True)
    home = life.made.home_of[first[1].recipient_person_id]
    life.send(
        confirm_records, life.made.resident((home, 0)), now=life.at(8, 30),
        record_ids=(first[0],), as_="recipient",
    )  # fmt: skip
    life.send(
        confirm_records, waiting["by"], now=life.at(9),
        record_ids=tuple(record_id for record_id, _ in others), as_="recipient",
    )  # fmt: skip


def _other_staff(life: Life, by: By) -> By:
    """Somebody who did not write the record down himself."""
    hands = [life.made.staff["social"][0], life.made.staff["social"][1]]
    return next(one for one in hands if one.person_id != by.person_id)
