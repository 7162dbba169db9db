"""A simulation of one shop in one process: server, two kiosks, their clocks and the network.

All chance comes from one seed. The outbox, the sync and the server's intake are the real ones;
only the network, the clocks and the crashes are simulated. ``Told`` holds the expected result and
knows nothing of the books.
"""

import contextlib
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from kiosk.outbox import NewEvent, Outbox
from kiosk.server import ServerDown
from tests.factories.aid import make_claim, make_claimant
from tests.factories.hours import register
from tests.factories.kiosks import carry_to, make_agent, pair_agent, web_for
from tests.factories.people import make_card
from tests.races.racing import address
from timebank.db import Database
from timebank.deeds.running import perform
from timebank.goods import queries as goods
from timebank.goods.actions import receive_deposit
from timebank.goods.rules import JudgedLine
from timebank.kiosks import wire

ITEM = "洗衣液"
# The error of a kiosk's clock in seconds: acceptable, corrected, or not trusted.
OFFSETS = (0, 40, -40, 300, -300, 3 * 3600)
WRONG_BEYOND = 600


class ServerDied(Exception):
    """The server process crashed here."""


class Time:
    """The true time, which the server reads; each reading is a little later than the last."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        self.now += timedelta(milliseconds=1)
        return self.now


class Server(Database):
    """The real server, which can crash before or after any unit of work."""

    units_left = None
    after_commit = False

    def write(self, work, **options):
        if self.units_left is None:
            return super().write(work, **options)
        self.units_left -= 1
        if self.units_left < 0 and not self.after_commit:
            raise ServerDied
        answer = super().write(work, **options)
        if self.units_left < 0:
            raise ServerDied
        return answer

    @contextlib.contextmanager
    def dying(self, rng):
        self.units_left, self.after_commit = rng.randrange(0, 8), rng.random() < 0.5
        try:
            yield
        finally:
            self.units_left = None


class Network:
    """Loses, repeats, truncates and delays requests, until the simulation makes it reliable."""

    def __init__(self, rng, server):
        self.rng, self.server = rng, server
        self.carry = carry_to(web_for(server))
        self.is_calm = False
        self.late = []  # Requests in transit, which arrive in any order after newer ones.

    def __call__(self, call):
        if self.is_calm:
            return self.carry(call)
        if self.rng.random() < 0.3:
            self.deliver_late(1)
        fate = self.rng.choice(
            ["fine", "fine", "fine", "lost", "late", "unheard", "twice", "dies", "half"]
        )
        if fate == "late":
            self.late.append(call)
        if fate in ("lost", "late"):
            raise ServerDown("the request was lost")
        dying = self.server.dying(self.rng) if fate == "dies" else contextlib.nullcontext()
        with dying:
            reply = self.carry(call)
        if fate == "twice":
            self.carry(call)
        if fate == "unheard":
            raise ServerDown("the answer was lost")
        if fate == "half":
            return type(reply)(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        return reply

    def deliver_late(self, count):
        """Deliver requests whose senders have timed out; nobody gets the answers."""
        for _ in range(min(count, len(self.late))):
            self.carry(self.late.pop(self.rng.randrange(len(self.late))))


@dataclass
class Told:
    """What people were promised at the kiosks and the desk, and so the expected result."""

    pieces: dict[str, int] = field(default_factory=dict)  # Deposit event -> pieces.
    received: int = 0
    pickups: dict[int, list[str]] = field(default_factory=dict)  # Claim -> its events.
    # Per kiosk: whether its clock is to be believed, and each shift as (begun, ended).
    shifts: list[list[tuple]] = field(default_factory=lambda: [[], []])
    refused: set[str] = field(default_factory=set)  # Events that need a review.
    raw: dict[str, bytes] = field(default_factory=dict)


class Booth:
    """A kiosk, its volunteer, its clock and its disk."""

    def __init__(self, town, number, folder, outbox_kind):
        self.town, self.number, self.folder = town, number, folder
        self.outbox_kind = outbox_kind
        self.offset = town.rng.choice(OFFSETS)
        self.is_serving = False
        self.kiosk = make_agent(folder, town.network.carry, clock=self.clock)
        pair_agent(self.kiosk, town.server, town.stand)
        self.restart()

    def clock(self):
        return self.town.time.now + timedelta(seconds=self.offset)

    def restart(self):
        """The agent crashes and restarts from its disk."""
        self.kiosk.outbox.close()
        self.kiosk = make_agent(self.folder, self.town.network, clock=self.clock)
        if self.outbox_kind is not Outbox:
            self.kiosk.outbox.close()
            fresh = self.outbox_kind(self.folder, clock=self.kiosk.outbox._clock)
            self.kiosk.outbox = self.kiosk.sync.outbox = self.kiosk.known._outbox = fresh

    def record(self, body, *, card=None):
        """Record an event, with one tap or several; return its id."""
        rng = self.town.rng
        event_id = str(uuid.UUID(int=rng.getrandbits(128)))
        identity = self.kiosk.outbox.identity
        actor = f"card:{wire.card_ref(identity.secret, card.token)}" if card else None
        for _ in range(rng.choice([1, 1, 2, 3])):
            kept = self.kiosk.outbox.record(NewEvent(event_id, body, "visit", actor))
            self.town.told.raw[event_id] = kept.raw
        return event_id

    def send(self):
        with contextlib.suppress(ServerDown):
            self.kiosk.sync.round()


class Town:
    """The whole simulation, driven by one seed."""

    def __init__(self, seed_rng, database, stand, folder, *, outbox_kind=Outbox):
        self.rng, self.stand, self.told = seed_rng, stand, Told()
        self.time = Time(database.clock())
        self.server = Server(address(database), clock=self.time, info=database.info)
        self.network = Network(self.rng, self.server)
        self.cards, self.claims = self.server.write(self._people)
        kinds = (folder / "0", folder / "1")
        self.booths = [Booth(self, n, at, outbox_kind) for n, at in enumerate(kinds)]

    def _people(self, session, now):
        shop = self.stand.shop
        helpers = [make_claimant(session, shop.town) for _ in range(2)]
        register(session, shop.town, *(by.person_id for by in helpers))
        self.helper_ids = [by.person_id for by in helpers]
        cards = [make_card(session, shop.town, by.person_id) for by in helpers]
        families = [make_claimant(session, shop.town) for _ in range(3)]
        claims = [make_claim(session, shop, by, now=now, **{ITEM: 2}) for by in families]
        return cards, claims

    def live(self, deeds):
        """Simulate so many actions with faults; then make everything reliable."""
        for _ in range(deeds):
            booth = self.rng.choice(self.booths)
            deed = self.rng.choice([self.give, self.give, self.take, self.serve, self.receive])
            deed(booth)
            if self.rng.random() < 0.6:
                booth.send()
            if self.rng.random() < 0.15:
                booth.restart()
            if self.rng.random() < 0.4:
                self.network.deliver_late(9)  # Before any clock moves: it is late, not old.
                self.time.now += timedelta(minutes=self.rng.randrange(10, 25))
        self.network.deliver_late(9)
        self.network.is_calm = True
        for booth in self.booths:
            for _ in range(3):
                booth.send()

    def give(self, booth):
        pieces = self.rng.randrange(1, 9)
        line = wire.WireDepositLine(self.stand.shop.item(ITEM), pieces, "new")
        card = self.rng.choice([None, self.cards[booth.number]])
        self.told.pieces[booth.record(wire.DepositRecorded((line,)), card=card)] = pieces

    def take(self, booth):
        """Pick up reserved goods; a family may do so at both kiosks."""
        claim = self.rng.choice(self.claims)
        event_id = booth.record(wire.PickupCompleted(claim.claim_id, claim.pickup_code))
        self.told.pickups.setdefault(claim.claim_id, []).append(event_id)

    def serve(self, booth):
        """Check in or out, some time after the last tap."""
        self.network.deliver_late(9)
        self.time.now += timedelta(minutes=self.rng.randrange(20, 30))
        card, shifts = self.cards[booth.number], self.told.shifts[booth.number]
        if booth.is_serving:
            body = wire.ShiftEnded()
            shifts[-1] = (shifts[-1][0], self.time.now)
        else:
            body = wire.ShiftStarted(self.stand.service_id)
            shifts.append((self.time.now, None))
        booth.is_serving = not booth.is_serving
        event_id = booth.record(body, card=card)
        if abs(booth.offset) > WRONG_BEYOND:
            self.told.refused.add(event_id)

    def receive(self, booth):
        """The keeper receives what waits, and repeats the request when the answer is lost."""
        with self.server.reading() as session:
            waiting = goods.announced_deposits(session, 1, self.stand.shop.store_id)
        if not waiting:
            return
        found = self.rng.choice(waiting)
        item_id = self.stand.shop.item(ITEM)
        told = {
            "store_id": self.stand.shop.store_id, "deposit_id": found.id,
            "lines": (JudgedLine(item_id, found.pieces, found.pieces),),
        }  # fmt: skip
        device = self.booths[0].kiosk.outbox.identity.device  # Other seeds have others.
        request_id = f"desk-{device}-{self.rng.getrandbits(32)}"
        answers = [self._perform(request_id, told) for _ in range(self.rng.choice([1, 1, 2]))]
        assert len(set(map(repr, answers))) == 1
        self.told.received += found.pieces

    def _perform(self, request_id, told):
        by = self.stand.shop.keeper
        while True:
            dying = self.server.dying(self.rng) if self.rng.random() < 0.3 else None
            with contextlib.suppress(ServerDied), dying or contextlib.nullcontext():
                return perform(self.server, receive_deposit, by=by, request_id=request_id, **told)

    def close(self):
        for booth in self.booths:
            booth.kiosk.outbox.close()
        self.server.close()
