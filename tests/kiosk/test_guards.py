"""The checks of every request: host, token, headers; pairing; a chain in doubt; seals."""

import io
import re
import uuid

import pytest

from kiosk.agent import pair_kiosk
from kiosk.app import create_app
from kiosk.outbox import NewEvent
from kiosk.security import BODY_MAX
from kiosk.server import Reply, ServerDown
from kiosk.visit import VISITS_MAX
from tests.factories.kiosks import carry_to, code_for, commit_stand, make_agent, web_for
from tests.web.test_fault_pages import full_disk
from timebank.kiosks import wire


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


def test_another_host_name_reaches_nothing(screen):
    answer = screen.client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421


def test_a_post_without_the_visits_token_does_nothing(screen):
    screen.list_soap()
    event_id = screen.field("event_id")
    answer = screen.client.post("/deposit/confirm", data={"event_id": event_id, "csrf": "x"})
    assert answer.status_code == 303
    assert screen.kiosk.outbox.find(event_id) is None


def test_nothing_foreign_is_loaded_and_nothing_stays_behind_back(screen):
    answer = screen.client.get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def test_healthz_answers_with_the_footing(screen):
    told = screen.client.get("/healthz").json
    assert (told["ok"], told["paired"], told["journal"]) == (True, True, "wal")


def test_healthz_of_a_kiosk_that_cannot_write_is_503(screen):
    with full_disk():
        answer = screen.client.get("/healthz")
    assert (answer.status_code, answer.json["ok"]) == (503, False)
    assert screen.client.get("/healthz").status_code == 200


def test_the_one_sheet_of_colours_is_served(screen):
    assert "--paper" in screen.client.get("/tokens.css").text


def test_a_new_kiosk_asks_for_its_code_and_shows_its_fingerprint(fresh_database, tmp_path, clock):
    stand = commit_stand(fresh_database)
    kiosk = make_agent(tmp_path, carry_to(web_for(fresh_database)), clock=clock)
    client = create_app(kiosk=kiosk).test_client()
    page = client.get("/passbook", follow_redirects=True).text
    assert "请输配对码" in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    wrong = client.post("/pair", data={"csrf": csrf, "code": "AAAAAAAA"}, follow_redirects=True)
    assert "这个配对码不对" in wrong.text
    typed = {"csrf": csrf, "code": code_for(fresh_database, stand).lower()}
    page = client.post("/pair", data=typed, follow_redirects=True).text
    assert kiosk.outbox.identity.fingerprint in page
    assert "您好" in client.get("/").text


def test_a_pairing_whose_answer_was_lost_is_asked_again_with_the_same_key(
    fresh_database, tmp_path, clock
):
    stand = commit_stand(fresh_database)
    carry = carry_to(web_for(fresh_database))
    unheard = []

    def lose_the_first(call):
        reply = carry(call)
        if not unheard:
            unheard.append(reply)
            raise ServerDown("the answer was lost")
        return reply

    kiosk = make_agent(tmp_path, lose_the_first, clock=clock)
    code = code_for(fresh_database, stand)
    with pytest.raises(ServerDown):
        pair_kiosk(kiosk, code)
    assert pair_kiosk(kiosk, code).epoch == 2
    assert len(list(tmp_path.glob("key-*"))) == 1


def fill(outbox):
    """Record until the disk is full."""
    with pytest.raises(Exception, match="full"):
        while True:
            outbox.record(NewEvent(str(uuid.uuid4()), wire.BalanceViewed(), "visit"))


def test_a_disk_that_fails_at_the_end_says_that_nothing_was_saved(screen):
    screen.list_soap()
    event_id = screen.field("event_id")
    pages = screen.kiosk.outbox._db.execute("PRAGMA page_count").fetchone()[0]
    screen.kiosk.outbox._db.execute(f"PRAGMA max_page_count={pages}")
    csrf = screen.field("csrf")
    fill(screen.kiosk.outbox)
    told = screen.client.post("/deposit/confirm", data={"csrf": csrf, "event_id": event_id})
    screen.kiosk.outbox._db.execute("PRAGMA max_page_count=1000000")
    assert "没有存上" in told.text
    assert screen.kiosk.outbox.find(event_id) is None
    assert "谢谢您" in screen.post("/deposit/confirm", event_id=event_id)


def test_a_page_that_is_not_there_leads_to_the_first(screen):
    assert screen.client.get("/wp-admin").headers["Location"] == "/"
    assert screen.client.get("/scan").headers["Location"] == "/"


def test_a_frozen_kiosk_sends_people_to_the_staff(screen):
    screen.kiosk.sync.trouble = "DEVICE_FROZEN"
    assert "这台机器要重新连接" in screen.get("/deposit")


def test_a_snapshot_without_our_servers_seal_is_not_believed(screen):
    true_line = screen.line

    def forged(call):
        reply = true_line(call)
        if not call.path.endswith("/snapshot") or reply.status != 200:
            return reply
        return Reply(200, reply.body.replace(b"false", b"true "), reply.headers)

    screen.kiosk.outbox.snapshot_version = "older"
    screen.kiosk.sync._looked_at = None
    screen.line = forged
    assert not screen.round()


def test_a_deed_of_the_next_visit_is_not_shown_to_this_one(screen):
    other = NewEvent(str(uuid.uuid4()), wire.BalanceViewed(), "another visit")
    screen.kiosk.outbox.record(other)
    assert "您好" in screen.get(f"/done/{other.event_id}")


@pytest.mark.parametrize("path", ["/", "/status", "/card", "/healthz"])
def test_requests_without_a_cookie_drop_no_visit_in_which_somebody_has_begun(screen, path):
    screen.list_soap()
    for _ in range(3 * VISITS_MAX):
        assert screen.kiosk_app.test_client().get(path).status_code == 200
    assert "请核对" in screen.get("/deposit/check")
    assert len(screen.kiosk.visits._open) <= VISITS_MAX


def test_a_person_who_has_only_looked_around_keeps_the_visit_too(screen):
    screen.get("/card")
    token = screen.field("csrf")
    for _ in range(3 * VISITS_MAX):
        screen.kiosk_app.test_client().get("/")
    screen.get("/card")
    assert screen.field("csrf") == token


def test_where_every_visit_is_in_use_a_new_one_waits_and_none_is_lost(screen):
    screen.list_soap()
    for _ in range(VISITS_MAX - 1):
        screen.kiosk_app.test_client().get("/deposit")
    refused = screen.kiosk_app.test_client().get("/")
    assert (refused.status_code, refused.headers["Refresh"]) == (503, "5")
    assert "请稍等" in refused.text and "One moment" in refused.text
    assert "请核对" in screen.get("/deposit/check")
    screen.post("/end")
    assert screen.kiosk_app.test_client().get("/").status_code == 200


class Counted(io.BytesIO):
    """A body that counts what is read of it."""

    taken = 0

    def read(self, size=-1):
        found = super().read(size)
        self.taken += len(found)
        return found


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("path", ["/scan", "/card", "/pin", "/touch", "/pair"])
def test_of_an_endless_scan_nothing_is_read(screen, path, kind):
    field = b'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\n'
    length = 40 * 2**20
    body = Counted((field if "multipart" in kind else b"code=") + b"x" * length)
    answer = screen.client.post(path, input_stream=body, content_type=kind, content_length=length)
    assert answer.status_code == 303
    assert body.taken <= BODY_MAX
    assert "没有认出来" in screen.get("/")
