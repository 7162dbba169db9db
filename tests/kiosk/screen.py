"""A kiosk's screen for tests: the real agent and server, a person who taps, a network to cut."""

import contextlib
import re

from kiosk.app import create_app
from kiosk.server import ServerDown
from tests.factories.kiosks import (
    carry_to,
    commit_stand,
    dead_line,
    make_agent,
    pair_agent,
    web_for,
)
from timebank.goods import queries as goods


class Screen:
    """A kiosk with its server, and a person who taps; ``cut()`` cuts the network."""

    def __init__(self, database, folder, clock, *, web=web_for):
        self.database, self.clock = database, clock
        self.stand = commit_stand(database)
        self.line = carry_to(web(database))
        self.kiosk = make_agent(folder, lambda call: self.line(call), clock=clock)
        pair_agent(self.kiosk, database, self.stand)
        self.kiosk.sync.round()
        self.kiosk.sync.settle = self._settle
        self.kiosk_app = create_app(kiosk=self.kiosk)
        self.client = self.kiosk_app.test_client()
        self.page = ""
        self.get("/")

    def _settle(self, event_id, patience):
        """Do one round in place of the sending thread."""
        self.round()
        return self.kiosk.outbox.find(event_id).state

    def round(self):
        """Let the agent send and fetch; tell whether the connection held."""
        with contextlib.suppress(ServerDown):
            self.kiosk.sync.round()
            return True
        return False

    def cut(self):
        self.whole, self.line = self.line, dead_line
        self.round()
        self.kiosk.sync.is_up = False

    def mend(self):
        self.line = self.whole
        assert self.round()

    def get(self, path):
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, answer.data
        self.page = answer.text
        return self.page

    def post(self, path, **form):
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.page)[1]
        answer = self.client.post(path, data={"csrf": csrf, **form}, follow_redirects=True)
        assert answer.status_code == 200, answer.data
        self.page = answer.text
        return self.page

    def field(self, name):
        return re.search(rf'name="{name}" value="([^"]+)"', self.page)[1]

    def scan(self, code=None):
        return self.post("/scan", code=code or self.stand.card.token)

    def barcode(self, name):
        item_id = self.stand.shop.item(name)
        return next(i.barcode for i in self.kiosk.known.snapshot.items if i.item_id == item_id)

    def list_soap(self, pieces=2):
        """List pieces of washing liquid, ready to be checked."""
        self.get("/deposit")
        self.scan(self.barcode("洗衣液"))
        self.post("/deposit/pieces", pieces=pieces)
        self.post("/deposit/condition", condition="new")
        return self.get("/deposit/check")

    def choose_service(self, *, helped=""):
        """Choose a service and whom it is for, by default a group; return the form of the start."""
        self.get(f"/shift/start/{self.stand.service_id}")
        if helped:
            self.post("/shift/helped/number", digits=helped)
        else:
            self.post("/shift/helped/group")
        return {"event_id": self.field("event_id")}

    def read(self, query, *words, **options):
        with self.database.reading() as session:
            return query(session, 1, *words, **options)

    def deposits(self):
        return self.read(goods.announced_deposits)
