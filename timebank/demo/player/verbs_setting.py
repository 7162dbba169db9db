"""Looking at what came of it: ``check``, and the names of lots."""

from collections.abc import Callable
from typing import Any

from timebank.aid.queries import no_shows_of_household
from timebank.aid.queries import quota as quota_of
from timebank.demo.player.stage import Stage
from timebank.demo.player.verbs_days import as_of
from timebank.demo.player.verbs_hours import clock_of
from timebank.goods.queries import shelf
from timebank.hours.queries import passbook
from timebank.ledger.queries import balance_of, sums_by_commodity
from timebank.values import HONOUR, By


def named_lots(stage: Stage, lots: list[tuple[int, int]]) -> dict[str, int]:
    """Give pieces per lot under the names that the story gave the lots."""
    names = {thing: name for name, thing in stage.named.items() if isinstance(thing, int)}
    told: dict[str, int] = {}
    for lot_id, pieces in lots:
        name = names.get(lot_id, str(lot_id))
        told[name] = told.get(name, 0) + pieces
    return told


def check(stage: Stage, by: By, body: dict[str, Any]) -> dict[str, Any]:
    """Read the state that the body tells of: hours, stock, honour, quota, no_shows, …"""
    readers: dict[str, Callable[[Stage, Any], Any]] = {
        "hours": _hours,
        "stock": _stock,
        "honour": _honour,
        "quota": _quota,
        "no_shows": _no_shows,
        "as_of": as_of,
        "sums": _sums,
    }
    return {word: readers[word](stage, told) for word, told in body.items()}


def _hours(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    found = {}
    with stage.database.reading() as session:
        for name in told:
            book = passbook(session, stage.community_id, stage.who(name).person_id or 0)
            found[name] = {
                "balance": clock_of(book.posted_minutes),
                "available": clock_of(book.available_minutes),
                "cumulative": clock_of(book.cumulative_minutes),
                "real": clock_of(book.real_minutes),
            }
    return found


def _stock(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    with stage.database.reading() as session:
        rows = shelf(session, stage.community_id, stage.now, stage.store_id)
    return {
        row.name_zh: {
            "on_hand": row.on_hand,
            "available": row.available,
            "held": row.held,
            "near_expiry": row.near_expiry,
        }
        for row in rows
    }


def _honour(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    with stage.database.reading() as session:
        return {
            name: balance_of(
                session,
                stage.community_id,
                "person",
                HONOUR,
                owner_id=stage.who(name).person_id or 0,
            ).posted
            for name in told
        }


def _quota(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    found = {}
    with stage.database.reading() as session:
        for name in told:
            household_id = stage.who(name).household_id or 0
            quota = quota_of(session, stage.community_id, household_id, stage.now)
            found[name] = {"used": quota.used, "most": quota.most}
    return found


def _no_shows(stage: Stage, told: dict[str, Any]) -> dict[str, Any]:
    with stage.database.reading() as session:
        return {
            name: len(
                no_shows_of_household(
                    session, stage.community_id, stage.who(name).household_id or 0
                )
            )
            for name in told
        }


def _sums(stage: Stage, told: str) -> str:
    with stage.database.reading() as session:
        sums = sums_by_commodity(session, stage.community_id)
    return "zero" if all(sum_ == (0, 0) for sum_ in sums.values()) else str(sums)
