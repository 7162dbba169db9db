"""What the subject of aid brings to the sample community: who claims, and who fetches when.

Whether a claim is approved is decided by the actions; now and then somebody claims who may not.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from timebank.aid.actions import (
    ClaimReceipt,
    ask_for_person,
    claim_goods,
    issue_at_counter,
    issue_goods,
    lapse_claims,
    sweep_expired,
)
from timebank.aid.messages import remind_of_ends
from timebank.aid.refusals import NotConfirmed
from timebank.aid.rules import ClaimLine, agreed_lines
from timebank.goods.sample import SampleShop
from timebank.people.sample import Neighbourhood, Spot
from timebank.stories.life import Life
from timebank.values import By


@dataclass(kw_only=True)
class SampleClaims:
    """The claims that their households will fetch, by the day."""

    to_fetch: dict[date, list[ClaimReceipt]] = field(default_factory=dict)


def sweep_on_mondays(life: Life) -> None:
    """Take what has expired off the shelf."""
    if life.day.weekday() == 0:
        life.send(sweep_expired, life.founder, now=life.at(0, 5))


def lapse_twice_a_week(life: Life) -> None:
    """Let reservations lapse that nobody fetched in time."""
    if life.day.weekday() in (0, 3):
        life.send(lapse_claims, life.founder, now=life.at(8))


def remind_on_last_day(life: Life) -> None:
    """The job of the clock, on the day that the pages show."""
    if life.is_last_day:
        life.send(remind_of_ends, life.founder, now=life.at(9, 5))


def fetch_and_claim(life: Life) -> None:
    """Pick up the claims that are ready, then file new ones."""
    neighbourhood, rng = life.part(Neighbourhood), life.rng
    for claim in life.part(SampleClaims).to_fetch.pop(life.day, []):
        life.send(
            issue_goods,
            neighbourhood.one_of_staff("keeper", rng),
            now=life.at(15, rng.randrange(60)),
            claim_id=claim.claim_id,
            pickup_code=claim.pickup_code,
        )
    for _ in range(rng.choice((1, 1, 2, 2))):
        home = rng.choice(neighbourhood.homes_with_papers)
        _claim(life, home, at_counter=life.chance(60))
    if life.chance(40):
        home, _ = neighbourhood.anybody(rng)
        _claim(life, home, at_counter=life.chance(60))


def _claim(life: Life, home: int, *, at_counter: bool) -> None:
    """Claim one or two things that lie on the shelf, at the counter or on the web."""
    neighbourhood, shop, rng = life.part(Neighbourhood), life.part(SampleShop), life.rng
    on_shelf = [
        item_id
        for item_id, pieces in shop.on_shelf.items()
        if pieces > 0 and item_id not in shop.lent
    ]
    if not on_shelf:
        return
    wanted = rng.sample(on_shelf, min(len(on_shelf), rng.choice((1, 2, 2))))
    resident = neighbourhood.resident((home, 0))
    content: Any = {
        "now": life.at(13, rng.randrange(60)),
        "household_id": resident.household_id,
        "person_id": resident.person_id,
        "store_id": shop.store_id,
        "lines": tuple(ClaimLine(item_id, rng.choice((1, 1, 2, 3))) for item_id in wanted),
    }
    if at_counter:
        keeper = neighbourhood.one_of_staff("keeper", rng)
        claimed = life.send(issue_at_counter, keeper, **content)
    else:
        claimed = _agreed(life, resident, **content)
    if claimed is None:
        return
    for line in claimed.lines:
        shop.on_shelf[line.item_id] -= line.approved
    if claimed.state == "ready" and life.chance(90):
        fetch_on = life.day + timedelta(days=rng.choice((1, 1, 2)))
        life.part(SampleClaims).to_fetch.setdefault(fetch_on, []).append(claimed)


def _agreed(life: Life, by: By, **content: Any) -> ClaimReceipt | None:
    """Claim on the web; most of those who cannot get all agree to what they are shown."""
    claimed: ClaimReceipt | None = life.send(claim_goods, by, **content, confirmed=content["lines"])
    if isinstance(life.refusal, NotConfirmed) and life.chance(80):
        return life.send(claim_goods, by, **content, confirmed=agreed_lines(life.refusal))
    return claimed


def claim_on_last_evening(life: Life) -> None:
    """Leave refused claims and reservations for the worklist of the demo."""
    if not life.is_last_day:
        return
    neighbourhood = life.part(Neighbourhood)
    papers = set(neighbourhood.homes_with_papers)
    visitors = neighbourhood.last_visitors(life.rng)
    for spot in [spot for spot in visitors if spot[0] not in papers][:3]:
        _claim_and_ask(life, spot)
    for home in life.rng.sample(neighbourhood.homes_with_papers, 6):
        _claim(life, home, at_counter=False)


def _claim_and_ask(life: Life, spot: Spot) -> None:
    """Claim rice without a paper, and ask a person to look at the refusal."""
    resident, shop = life.part(Neighbourhood).resident(spot), life.part(SampleShop)
    claimed = life.send(
        claim_goods,
        resident,
        now=life.at(17, life.rng.randrange(60)),
        household_id=resident.household_id,
        person_id=resident.person_id,
        store_id=shop.store_id,
        lines=(ClaimLine(shop.item_ids["大米 5kg"], 1),),
    )
    if claimed is not None and claimed.state == "refused":
        life.send(ask_for_person, resident, now=life.at(19), claim_id=claimed.claim_id)
