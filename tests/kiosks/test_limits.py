"""One address asks for nonces and pairings: a kiosk gets all it needs, a flood does not."""

import pytest

from kiosk.server import ServerDown
from tests.factories.kiosks import carry_to, commit_stand, make_agent, pair_agent, web_for
from timebank.kiosks.tables import nonce
from web.kiosks.limits import ADDRESSES_MAX, NAME, AddressLimit


class Seconds:
    """A clock that cannot go back."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def limit(seconds):
    return AddressLimit(seconds, burst=5, per_second=1.0)


def test_a_burst_passes_and_then_one_a_second(limit, seconds):
    assert [limit.wait("10.0.0.1") for _ in range(5)] == [0.0] * 5
    assert limit.wait("10.0.0.1") == pytest.approx(1.0)
    seconds.now += 1
    assert limit.wait("10.0.0.1") == 0.0
    assert limit.wait("10.0.0.1") > 0
    seconds.now += 100
    assert [limit.wait("10.0.0.1") for _ in range(5)] == [0.0] * 5


def test_what_was_refused_is_not_counted_against_the_address(limit, seconds):
    for _ in range(500):
        limit.wait("10.0.0.1")
    seconds.now += 1
    assert limit.wait("10.0.0.1") == 0.0


def test_another_address_is_not_slowed_down(limit):
    for _ in range(9):
        limit.wait("10.0.0.1")
    assert limit.wait("10.0.0.2") == 0.0


def test_many_addresses_fill_no_memory(limit):
    for number in range(2 * ADDRESSES_MAX):
        limit.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limit._full_at) <= ADDRESSES_MAX


@pytest.fixture
def stand(fresh_database):
    return commit_stand(fresh_database)


@pytest.fixture
def app(fresh_database, seconds):
    made = web_for(fresh_database)
    made.extensions[NAME] = AddressLimit(seconds, burst=5, per_second=1.0)
    return made


def ask(app, path, stand, address="10.0.0.1", body=None):
    return app.test_client().post(
        f"/api/v1/kiosk/{path}", json=body or {},
        headers={"X-Kiosk-Device": str(stand.device.device_id)},
        environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip


def test_a_flood_of_nonces_is_refused_and_writes_no_rows(app, fresh_database, stand):
    codes = [ask(app, "nonce", stand).status_code for _ in range(30)]
    assert codes == [200] * 5 + [429] * 25
    assert ask(app, "nonce", stand).json["code"] == "TOO_MANY_TRIES"
    assert ask(app, "nonce", stand, address="10.0.0.2").status_code == 200
    with fresh_database.reading() as session:
        assert len(session.execute(nonce.select()).all()) == 6


def test_a_flood_of_pairing_codes_is_refused(app, stand):
    body = {"code": "AAAAAAAA", "public_key": "AAAA"}
    codes = [ask(app, "pair", stand, body=body).status_code for _ in range(8)]
    assert codes == [403] * 5 + [429] * 3


def test_a_kiosk_behind_a_flooded_address_waits_and_is_not_sent_to_pairing(
    app, fresh_database, stand, tmp_path, seconds, clock
):
    kiosk = make_agent(tmp_path, carry_to(app), clock=clock)
    pair_agent(kiosk, fresh_database, stand)
    while app.extensions[NAME].wait("127.0.0.1") == 0.0:
        pass
    with pytest.raises(ServerDown):
        kiosk.sync.round()
    assert kiosk.sync.trouble is None
    seconds.now += 60
    kiosk.sync.round()
    assert kiosk.sync.is_up
    kiosk.outbox.close()
