"""What the subject of goods declares: the catalogue, deposits, lots and the shelf."""

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import Table

from timebank.deeds.working_days import WorkingDays
from timebank.goods import (
    catalogue_sample,
    catalogue_verbs,
    may,
    refusals,
    sample,
    tables,
    verbs,
)
from timebank.goods.actions import lapse_announcements, take_up_item_changes
from timebank.goods.queries import (
    waiting_cleanings,
    waiting_clearings,
    waiting_intakes,
    waiting_item_changes,
)
from timebank.goods.queries.effects import EFFECTS
from timebank.goods.rules import CLEARING_WORKING_DAYS, aged_before
from timebank.goods.setting import open_shop
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, WorkKind, refusals_in, values_in


def _aged(now: datetime, calendar: WorkingDays) -> Mapping[str, datetime]:
    return {"aged_before": aged_before(now, calendar)}


SUBJECT = Subject(
    name="goods",
    stands_on=("deeds", "ledger", "people", "policy"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=(
        "goods.acceptance",
        "goods.condition_percents",
        "goods.food_days_left_min",
        "goods.near_expiry",
        "goods.pre_deposit_days",
        "goods.refused_kinds",
    ),
    effects=EFFECTS,
    jobs=(
        Job(name="lapse_announcements", action=lapse_announcements),
        Job(name="take_up_item_changes", action=take_up_item_changes),
    ),
    work=(
        WorkKind(name="intake", waiting=waiting_intakes, promised_days=1, bind=_aged),
        WorkKind(
            name="clearing",
            waiting=waiting_clearings,
            promised_days=CLEARING_WORKING_DAYS,
            bind=_aged,
        ),
        WorkKind(name="cleaning", waiting=waiting_cleanings, promised_days=3),
        WorkKind(name="item_change", waiting=waiting_item_changes, promised_days=5),
    ),
    settings=(open_shop,),
    verbs={
        "announce": verbs.announce,
        "receive": verbs.receive,
        "stock": verbs.stock,
        "sign_cleaning": verbs.sign_cleaned,
        "propose_item": catalogue_verbs.propose_item,
        "change_item": catalogue_verbs.change_item,
        "end_item": catalogue_verbs.end_item,
        "agree_to": catalogue_verbs.agree_to,
        "take_back": catalogue_verbs.take_back,
        "learn_barcode": catalogue_verbs.learn_barcode,
    },
    checks={
        "catalogue": catalogue_verbs.check_catalogue,
        "stock": verbs.check_stock,
        "honour": verbs.check_honour,
        "points": verbs.check_points,
    },
    founding=(sample.found,),
    errands=(
        Errand(at=time(0, 6), run=sample.lapse_on_mondays),
        Errand(at=time(10), run=sample.give),
        Errand(at=time(15, 10), run=catalogue_sample.keep_catalogue),
        Errand(at=time(22), run=sample.announce_on_last_evening),
    ),
)
