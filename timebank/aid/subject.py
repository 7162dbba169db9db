"""What the subject of aid declares: claims, reservations and handing over."""

from datetime import time

from sqlalchemy import Table

from timebank.aid import may, messages, refusals, sample, tables, verbs
from timebank.aid.actions import lapse_claims, sweep_expired
from timebank.aid.actions.holding import CLAIM_HOLDS
from timebank.aid.queries import waiting_pickups, waiting_reviews
from timebank.aid.queries.effects import EFFECTS
from timebank.aid.queries.standing import FACT_SUPPLIERS
from timebank.aid.rules import REVIEW_DAYS
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="aid",
    stands_on=("deeds", "goods", "ledger", "messages", "people", "policy", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    parameters=(
        "aid.booking_closed_days",
        "aid.hold_hours",
        "aid.household_pieces_max",
        "aid.no_show_max",
        "aid.no_show_months",
        "aid.window_months",
    ),
    effects=EFFECTS,
    jobs=(
        Job(name="lapse_claims", action=lapse_claims),
        Job(name="sweep_expired", action=sweep_expired),
        Job(name="remind_of_ends", action=messages.remind_of_ends),
    ),
    messages=messages.KINDS,
    own_holds=CLAIM_HOLDS,
    facts=tuple(FACT_SUPPLIERS),
    work=(
        WorkKind(name="review", waiting=waiting_reviews, promised_days=REVIEW_DAYS),
        WorkKind(name="pickup", waiting=waiting_pickups, promised_days=None),
    ),
    verbs={
        "claim": verbs.claim,
        "issue": verbs.issue,
        "take": verbs.take,
        "offer": verbs.offer,
        "lapse": verbs.lapse,
        "remind_of_ends": verbs.remind_of_ends,
        "sweep": verbs.sweep,
        "open_week": verbs.open_week,
        "open_on": verbs.open_on,
    },
    checks={"quota": verbs.check_quota, "no_shows": verbs.check_no_shows},
    errands=(
        Errand(at=time(0, 5), run=sample.sweep_on_mondays),
        Errand(at=time(8), run=sample.lapse_twice_a_week),
        Errand(at=time(9, 5), run=sample.remind_on_last_day),
        Errand(at=time(13), run=sample.fetch_and_claim),
        Errand(at=time(22), run=sample.claim_on_last_evening),
    ),
)
