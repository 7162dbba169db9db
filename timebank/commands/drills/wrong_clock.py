"""Set the clocks ten years wrong, of kiosks and of the server of the copy.

Nobody may be kept out, nothing may be posted at a time at which it cannot have happened, and what
happened must arrive in its order.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from kiosk.outbox import StoredEvent
from timebank import jobs
from timebank.clock import ClockWrong, SteadyClock, require_plausible
from timebank.commands.drills.booth import Booth, Line, web_over
from timebank.commands.drills.copied import Copied, copied, said
from timebank.commands.drills.known import (
    PIN,
    DrillCase,
    count_of_transactions,
    pick_known,
    reviews_of,
)
from timebank.config import Settings
from timebank.db import utc_now
from timebank.deeds.running import perform
from timebank.kiosks import rules, wire
from timebank.kiosks.actions import settle_review
from timebank.kiosks.queries import kept_envelope
from timebank.ledger.tables import txn
from timebank.people.actions import SignedIn, sign_in_by_card
from timebank.people.queries import visit_of_token
from timebank.people.refusals import TooManyTries
from timebank.people.rules.throttles import Origin
from timebank.values import to_us

YEARS = (-10, 10)
SLACK = timedelta(minutes=10)
HOURS_BACK = timedelta(hours=23)  # Less than the server's clock refuses to follow.


@dataclass
class Hand:
    """The clock of a machine, which somebody sets wrong by ``off``."""

    off: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.off

    def set_years(self, years: int) -> None:
        self.off = timedelta(days=years * 365)


def lines_of(settings: Settings) -> Iterator[str]:
    """Rehearse it, finding by finding."""
    began_at, hand = utc_now(), Hand()
    with copied(settings, clock=SteadyClock(hand)) as copy:
        known, line, last_id = pick_known(copy), Line(web_over(copy)), _last_id(copy)
        for years in YEARS:
            yield from _kiosk(copy, known, line, years=years)
        booth = Booth(folder=copy.place / "right", line=line)
        booth.pair(copy, known.store)
        for years in YEARS:
            yield from _running(copy, known, booth, hand, years=years)
        booth.close()
        yield from _started(copy)
        yield _set_back_by_hours(copy, known, hand)
        yield said(
            not _impossible(copy, last_id, began_at),
            "nothing was posted at a time at which it cannot have happened",
        )
    yield "! errors of less than a day are followed, and move deadlines: let NTP keep the clock"


def _told(years: int) -> str:
    return f"{abs(years)} years {'back' if years < 0 else 'ahead'}"


# A kiosk whose clock is wrong.
def _kiosk(copy: Copied, known: DrillCase, line: Line, *, years: int) -> Iterator[str]:
    hand, wrong = Hand(), _told(years)
    booth = Booth(folder=copy.place / f"kiosk{years}", line=line, clock=lambda: to_us(hand()))
    booth.pair(copy, known.store)
    booth.tap("/", "/scan", code=known.code)
    hand.set_years(years)
    visit = booth.open_page("/")
    goes_on = visit is not None and visit.card is not None
    yield said(goes_on, f"a visit goes on while the kiosk's clock is set {wrong}")
    yield from _sent_by_it(booth, known, wrong)
    yield from _sent_after_it(copy, booth, hand)
    yield _paired_again(copy, known, booth, hand)
    booth.close()


def _sent_by_it(booth: Booth, known: DrillCase, wrong: str) -> Iterator[str]:
    """Events that were recorded and sent by the same wrong clock."""
    services = booth.kiosk.known.snapshot.services
    goods = booth.leave_goods(known.code)
    shift = booth.record(
        wire.ShiftStarted(services[0].service_id if services else 0), card=known.code
    )
    is_up = booth.round()
    is_posted = booth.outcome(goods)[0] == rules.POSTED
    yield said(is_up and is_posted, f"a kiosk {wrong} still sends, and its goods are posted")
    waits = booth.outcome(shift) == (rules.REVIEW, rules.CLOCK_WRONG)
    yield said(waits, "but no minutes are counted by its clock: they wait for staff")


def _sent_after_it(copy: Copied, booth: Booth, hand: Hand) -> Iterator[str]:
    """Events that were recorded by the wrong clock, and sent when it was right again."""
    stale = booth.leave_goods()
    hand.set_years(0)
    later = booth.leave_goods()
    booth.round()
    waits = booth.outcome(stale) == (rules.REVIEW, rules.TIME_IMPLAUSIBLE)
    yield said(waits, "what it dated and a right clock sends waits for staff")
    device = booth.device(copy.database, copy.community_id)
    is_whole = device.head_seq == later.seq and not booth.kiosk.outbox.count_waiting()
    is_posted = booth.outcome(later)[0] == rules.POSTED
    yield said(
        is_whole and is_posted, "the events after it are posted, in the order of their chain"
    )
    yield said(
        _is_proposed_now(copy, device.device_id, stale),
        "staff get its true time, by what the machine has counted",
    )
    _post(copy, device.device_id, stale)


def _is_proposed_now(copy: Copied, device_id: int, event: StoredEvent) -> bool:
    """Tell whether the time that is proposed for an event of this minute is right."""
    review_id = reviews_of(copy, device_id).get((event.seq, rules.TIME_IMPLAUSIBLE))
    if review_id is None:
        return False
    with copy.database.reading() as session:
        proposed = kept_envelope(session, copy.community_id, review_id).facts.get("proposed_at")
    return proposed is not None and abs(datetime.fromisoformat(proposed) - utc_now()) < SLACK


def _post(copy: Copied, device_id: int, event: StoredEvent) -> None:
    """Post the goods at the time that is proposed to staff."""
    review_id = reviews_of(copy, device_id).get((event.seq, rules.TIME_IMPLAUSIBLE))
    if review_id is not None:
        perform(
            copy.database, settle_review, by=copy.by("keeper"),
            request_id=str(uuid.uuid4()), review_id=review_id, how=rules.POST, note="",
        )  # fmt: skip


def _paired_again(copy: Copied, known: DrillCase, booth: Booth, hand: Hand) -> str:
    hand.set_years(min(YEARS))
    booth.pair(copy, known.store)
    new = booth.identity
    booth.close()
    booth.start()
    return said(
        booth.identity == new, "paired again with its clock back, it keeps its new identity"
    )


# The server.
def _running(
    copy: Copied, known: DrillCase, booth: Booth, hand: Hand, *, years: int
) -> Iterator[str]:
    """A server whose clock is set while it runs."""
    signed = _signed_in(copy, known)
    jobs.run_jobs(copy.database)
    before = count_of_transactions(copy)
    hand.set_years(years)
    is_steady = abs(copy.database.clock() - utc_now()) < SLACK
    yield said(is_steady, f"a running server does not follow its clock {_told(years)}")
    jobs.run_jobs(copy.database)
    is_quiet = before == count_of_transactions(copy)
    yield said(is_quiet, "no reservation, hold or lot lapses by it")
    yield said(
        signed is not None and _is_open(copy, signed) and _signed_in(copy, known) is not None,
        "who is signed in stays so, and nobody who never failed is kept out",
    )
    goods = booth.leave_goods(known.code)
    booth.round()
    yield said(booth.outcome(goods)[0] == rules.POSTED, "goods of a kiosk are posted meanwhile")
    hand.set_years(0)


def _signed_in(copy: Copied, known: DrillCase) -> SignedIn | None:
    try:
        return sign_in_by_card(
            copy.database, community_id=copy.community_id, card=known.number, pin=PIN,
            origin=Origin("drill"), now=copy.database.clock(),
        )  # fmt: skip
    except TooManyTries:
        return None


def _is_open(copy: Copied, signed: SignedIn) -> bool:
    now = copy.database.clock()
    with copy.database.reading() as session:
        visit = visit_of_token(session, copy.community_id, signed.token, now=now)
    return visit is not None and not visit.ended_why


def _started(copy: Copied) -> Iterator[str]:
    """A server whose clock was wrong before it started."""
    for years in YEARS:
        is_refused = not _starts(copy, utc_now() + timedelta(days=365 * years))
        yield said(is_refused, f"a server does not start with its clock {_told(years)}")
    yield said(_starts(copy, utc_now()), "and starts with a right one")


def _starts(copy: Copied, now: datetime) -> bool:
    try:
        require_plausible(copy.database, now)
    except ClockWrong:
        return False
    return True


def _set_back_by_hours(copy: Copied, known: DrillCase, hand: Hand) -> str:
    hand.off = -HOURS_BACK
    is_let_in = _signed_in(copy, known) is not None
    hand.set_years(0)
    return said(is_let_in, "a clock set back by hours keeps out nobody who never failed")


def _last_id(copy: Copied) -> int:
    with copy.database.reading() as session:
        return session.scalar(select(func.max(txn.c.id))) or 0


def _impossible(copy: Copied, last_id: int, began_at: datetime) -> int:
    """Count the transactions of the rehearsal that lie outside of it."""
    first, last = to_us(began_at - SLACK), to_us(utc_now() + SLACK)
    outside = [
        or_(instant < first, instant > last) for instant in (txn.c.posted_us, txn.c.effective_us)
    ]
    with copy.database.reading() as session:
        count = select(func.count()).select_from(txn).where(txn.c.id > last_id, or_(*outside))
        return session.scalar(count) or 0
