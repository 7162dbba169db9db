"""What kiosks declares: devices, their events, reviews of events, calls for staff."""

from datetime import time

from sqlalchemy import Table

from timebank.kiosks import may, messages, refusals, rules, sample, tables, verbs
from timebank.kiosks.queries import waiting_calls, waiting_pairings, waiting_reviews
from timebank.kiosks.queries.effects import EFFECTS
from timebank.rights import Right
from timebank.subject import Errand, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="kiosks",
    stands_on=(
        "aid",
        "deeds",
        "goods",
        "hours",
        "ledger",
        "messages",
        "people",
        "policy",
        "sealing",
        "vault",
    ),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    messages=messages.KINDS,
    parameters=("kiosks.upload_days_max",),
    effects=EFFECTS,
    verbs={
        "ask_pairing": verbs.ask_pairing,
        "confirm_pairing": verbs.confirm_pairing,
        "withdraw_pairing": verbs.withdraw_pairing,
        "pair_kiosk": verbs.pair_kiosk,
        "upload": verbs.upload,
        "close_shop": verbs.close_shop,
        "reopen_shop": verbs.reopen_shop,
    },
    work=(
        WorkKind(
            name="call",
            waiting=waiting_calls,
            promised_days=None,
            bind=lambda now, calendar: {"called_since": now - rules.CALL_SHOWN},
        ),
        WorkKind(name="kiosk", waiting=waiting_reviews, promised_days=1),
        WorkKind(name="pairing", waiting=waiting_pairings, promised_days=None),
    ),
    errands=(Errand(at=time(11, 20), run=sample.ask_for_kiosk),),
)
