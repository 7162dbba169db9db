"""What people of a story take home, and what the community's clockwork does at night."""

from timebank.aid import messages
from timebank.aid.actions import (
    claim_goods,
    issue_goods,
    lapse_claims,
    set_store_day,
    set_store_week,
    sweep_expired,
)
from timebank.aid.queries import no_shows_of_household
from timebank.aid.queries import offer as offered_now
from timebank.aid.queries import quota as quota_of
from timebank.aid.rules import ClaimLine
from timebank.goods.opening import Hours, OpenSpan
from timebank.goods.rules import WEEKDAYS
from timebank.goods.setting import shop_id
from timebank.goods.verbs import lots_by_name
from timebank.stories.shapes import Keyed, Named, day, shaped, text, whole
from timebank.stories.stage import Body, Stage
from timebank.values import By, local_day


def _lines(stage: Stage, body: Body, word: str = "lines") -> tuple[ClaimLine, ...]:
    return tuple(
        ClaimLine(stage.known("item", name), pieces) for name, pieces in body[word].items()
    )


_LINES = Named(whole)


@shaped(Keyed({"lines": _LINES}, {"name": text, "confirm": _LINES}))
def claim(stage: Stage, by: By, body: Body) -> Body:
    """Claim ``lines`` of item: pieces for one's household; ``name`` names the claim.

    With ``confirm`` they take exactly these pieces, otherwise whatever there is.
    """
    return _claim(stage, by, body, by=by)


def _claim(stage: Stage, who: By, body: Body, *, by: By) -> Body:
    agreed = {"confirmed": _lines(stage, body, "confirm")} if "confirm" in body else {}
    receipt = stage.perform(
        claim_goods,
        by,
        household_id=who.household_id,
        person_id=who.person_id,
        store_id=shop_id(stage),
        lines=_lines(stage, body),
        **agreed,
    )
    if receipt.refusal is not None:
        raise receipt.refusal.error()
    stage.remember("claim", body.get("name", "claim"), receipt)
    return {
        "state": receipt.state,
        "hold_until": stage.local(receipt.hold_until_at),
        "lines": {
            stage.name_of("item", line.item_id): {
                "asked": line.asked,
                "approved": line.approved,
                "cut": line.cut_code,
            }
            for line in receipt.lines
        },
    }


@shaped(Keyed({"claim": text}))
def issue(stage: Stage, by: By, body: Body) -> Body:
    """Hand over a ``claim`` against its pick-up code; tells which lots gave how many."""
    receipt = stage.known("claim", body["claim"])
    issued = stage.perform(
        issue_goods, by, claim_id=receipt.claim_id, pickup_code=receipt.pickup_code
    )
    return {"lots": lots_by_name(stage, [(lot.lot_id, lot.pieces) for lot in issued.lots])}


@shaped(Keyed({"lines": _LINES}, {"confirm": _LINES}))
def take(stage: Stage, by: By, body: Body) -> Body:
    """Claim at the counter and take home at once, through a keeper."""
    keeper = stage.holder("keeper")
    answer = _claim(stage, by, {**body, "name": "taken"}, by=keeper)
    issue(stage, keeper, {"claim": "taken"})
    return answer


@shaped(Keyed({"lines": _LINES}))
def offer(stage: Stage, by: By, body: Body) -> Body:
    """Ask what would be approved now, without claiming it."""
    with stage.database.reading() as session:
        offered = offered_now(
            session,
            stage.community_id,
            by.household_id or 0,
            lines=_lines(stage, body),
            now=stage.now,
            store_id=shop_id(stage),
        )
    return {stage.name_of("item", line.item_id): line.approved for line in offered.lines}


@shaped(Keyed())
def lapse(stage: Stage, by: By, body: Body) -> Body:
    """Let reservations that ran out go back to the shelf."""
    lapsed = stage.perform(lapse_claims, stage.founder)
    return {"lapsed": len(lapsed.claim_ids)}


@shaped(Keyed())
def remind_of_ends(stage: Stage, by: By, body: Body) -> Body:
    """Write to those whose reservation ends tomorrow."""
    return {"messages": stage.perform(messages.remind_of_ends, stage.founder).count}


@shaped(Keyed(may={**dict.fromkeys(WEEKDAYS, text), "since": day}))
def open_week(stage: Stage, by: By, body: Body) -> Body:
    """Set the hours of the week from a day on: ``mon`` to ``sun``; a day left out is closed."""
    hours = tuple(_hours(body.get(weekday)) for weekday in WEEKDAYS)
    since_on = body.get("since", local_day(stage.now))
    stage.perform(set_store_week, by, store_id=shop_id(stage), since_on=since_on, hours=hours)
    return {}


@shaped(Keyed({"day": day, "note": text}, {"hours": text}))
def open_on(stage: Stage, by: By, body: Body) -> Body:
    """Set the ``hours`` of one ``day`` with a ``note``; without hours the shop is closed then."""
    stage.perform(
        set_store_day, by, store_id=shop_id(stage), day_on=body["day"],
        hours=_hours(body.get("hours")), note=body["note"],
    )  # fmt: skip
    return {}


def _hours(typed: str | None) -> Hours:
    """Read ``9:00-12:00 14:00-17:30``."""
    return tuple(OpenSpan(*map(_minute, span.split("-"))) for span in (typed or "").split())


def _minute(typed: str) -> int:
    hour, minute = typed.split(":")
    return int(hour) * 60 + int(minute)


@shaped(Keyed())
def sweep(stage: Stage, by: By, body: Body) -> Body:
    """Take what has expired off the shelf; tells which lots and how many pieces."""
    swept = stage.perform(sweep_expired, stage.founder)
    return {"disposed": lots_by_name(stage, [(lot.lot_id, lot.pieces) for lot in swept.disposed])}


@shaped(Named(Keyed(may={"used": whole, "most": whole})))
def check_quota(stage: Stage, wanted: Body) -> Body:
    """Read the quota of each person's household: points used, and the most there is."""
    found = {}
    with stage.database.reading() as session:
        for name in wanted:
            household_id = stage.who(name).household_id or 0
            quota = quota_of(session, stage.community_id, household_id, stage.now)
            found[name] = {"used": quota.used, "most": quota.most}
    return found


@shaped(Named(whole))
def check_no_shows(stage: Stage, wanted: Body) -> Body:
    """Count the reservations that each person's household did not fetch."""
    with stage.database.reading() as session:
        return {
            name: len(
                no_shows_of_household(
                    session, stage.community_id, stage.who(name).household_id or 0
                )
            )
            for name in wanted
        }
