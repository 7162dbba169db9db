"""The kiosk's files: who may read them, who may open them, and what damage may stop.

Orders by the rows on disk, never by a clock that can be set back.
"""

import stat

import pytest

from kiosk.agent import start
from kiosk.app import create_app
from kiosk.app import pair as pair_from_command
from kiosk.config import Config
from kiosk.outbox import NewEvent, NotPaired, Outbox
from kiosk.server import ServerDown
from kiosk.store import DiskUnfit, KeyLost, read_key
from tests.factories.kiosks import (
    carry_to,
    commit_stand,
    make_agent,
    pair_agent,
    web_for,
)
from tests.kiosk.test_outbox import draft, paired
from timebank.kiosks import wire
from timebank.private_files import InUse

TEN_YEARS_US = 3650 * 86_400 * 1_000_000


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


@pytest.fixture
def stand(fresh_database):
    return commit_stand(fresh_database)


@pytest.fixture
def carrier(fresh_database):
    return carry_to(web_for(fresh_database))


@pytest.fixture
def agent(fresh_database, stand, carrier, tmp_path, clock):
    """A paired agent with a snapshot on its disk."""
    made = make_agent(tmp_path / "kiosk", carrier, clock=clock)
    pair_agent(made, fresh_database, stand)
    made.sync.round()
    yield made
    made.outbox.close()


def restarted(agent, carrier, clock):
    agent.outbox.close()
    return make_agent(agent.outbox.folder, carrier, clock=clock)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


# Who may read it.
def test_the_folder_and_every_file_are_the_owners_alone(agent):
    folder = agent.outbox.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = modes(folder)
    assert {"outbox.sqlite", "outbox.lock"} <= set(found)
    assert set(found.values()) == {0o600}


def test_files_of_an_earlier_version_are_closed_at_the_next_start(agent, carrier, clock):
    folder = agent.outbox.folder
    agent.outbox.close()
    folder.chmod(0o755)
    (folder / "outbox.sqlite").chmod(0o644)
    again = make_agent(folder, carrier, clock=clock)
    again.outbox.record(draft())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert set(modes(folder).values()) == {0o600}
    again.outbox.close()


def test_an_old_snapshot_leaves_no_names_in_the_file(agent, stand, clock):
    marked = b'{"name":"a name that was here"}' * 400
    agent.outbox.keep("snapshot", marked, knows_seq=0)
    agent.outbox.keep("snapshot", b"{}", knows_seq=0)
    agent.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"a name that was here" not in (agent.outbox.folder / "outbox.sqlite").read_bytes()


def test_pairing_again_erases_the_key_that_hashed_cards_before(agent, fresh_database, stand):
    old = agent.outbox.identity.card_key
    pair_agent(agent, fresh_database, stand)
    fresh = agent.outbox.identity.card_key
    agent.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    told = b"".join(path.read_bytes() for path in agent.outbox.folder.iterdir())
    assert fresh != old
    assert fresh.encode() in told and old.encode() not in told


# Who may open it.
def test_a_second_agent_on_one_outbox_is_refused_with_the_number_of_the_first(agent, carrier):
    with pytest.raises(InUse, match=r"in use by another program \(process \d+\)"):
        make_agent(agent.outbox.folder, carrier)
    assert agent.outbox.record(draft()).state == "saved"


def test_pairing_from_the_command_line_beside_a_running_agent_is_refused(agent, carrier):
    config = Config(data=agent.outbox.folder, server="http://nowhere")
    with pytest.raises(InUse):
        pair_from_command(config, "AAAAAAAA", carrier=carrier)


def test_an_agent_that_ended_leaves_the_outbox_free(agent, carrier, clock):
    again = restarted(agent, carrier, clock)
    assert again.outbox.identity == agent.outbox.identity
    again.outbox.close()


# A clock that was set back.
def test_paired_again_with_its_clock_ten_years_back_it_takes_the_new_identity(
    agent, fresh_database, stand, carrier, clock
):
    old = agent.outbox.identity
    agent.outbox._clock = lambda: clock_us(clock) - TEN_YEARS_US
    pair_agent(agent, fresh_database, stand)
    fresh = agent.outbox.identity
    again = restarted(agent, carrier, clock)
    assert (again.outbox.identity, fresh == old) == (fresh, False)
    assert again.outbox.record(draft()).device == fresh.device
    again.outbox.close()


def clock_us(clock):
    return int(clock().timestamp() * 1_000_000)


def test_the_last_event_of_a_card_is_the_one_recorded_last_whatever_its_clock(tmp_path):
    outbox = paired(tmp_path)
    times = iter([9_000, 2_000])
    outbox._clock = lambda: next(times)
    outbox.record(NewEvent("in", wire.ShiftStarted(1), "visit", "card:a"))
    outbox.record(NewEvent("out", wire.ShiftEnded(), "visit", "card:a"))
    found = outbox.of_cards(("a",), "shift.started", "shift.ended")
    assert [one.event_id for one in found] == ["out", "in"]
    outbox.close()


def test_a_shift_ended_after_the_clock_went_back_is_ended(screen, clock):
    screen.scan()
    told = screen.choose_service()
    screen.cut()
    screen.post("/shift/start", **told)
    behind = screen.kiosk.outbox._clock() - 3_600_000_000
    screen.kiosk.outbox._clock = lambda: behind
    screen.get("/shift")
    screen.post("/shift/end", event_id=screen.field("event_id"))
    assert "今天做什么服务" in screen.get("/shift")


def test_what_the_server_said_last_about_a_card_counts_whatever_the_clock(agent, stand, clock):
    secret = agent.outbox.identity.secret
    ref = wire.card_ref(secret, stand.card.token)
    member = agent.known.seen(ref).member
    earlier = clock_us(clock) - TEN_YEARS_US
    changed = wire.Member(**{**vars_of(member), "name": "新*"})
    agent.known.note_card(changed, at=earlier, knows_seq=0)
    assert agent.known.seen(ref).member.name == "新*"
    agent.outbox.keep("snapshot", agent.outbox.told("snapshot").content, knows_seq=0)
    assert agent.known.seen(ref).member == member


def vars_of(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


# Damage.
@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff\xfe", b"[" * 90_000, b'{"version":1}'])
def test_a_damaged_snapshot_stops_nothing_and_a_whole_one_is_fetched(
    agent, carrier, clock, damaged
):
    whole = agent.known.snapshot
    agent.outbox.keep("snapshot", damaged, knows_seq=0)
    again = restarted(agent, carrier, clock)
    start(again)
    again.sync.stop()
    assert create_app(kiosk=again).test_client().get("/").status_code == 200
    for _ in range(2):  # The first may meet the last round of the thread that was stopped.
        again.sync._looked_at = None
        again.sync.round()
    assert again.known.snapshot.version == whole.version
    again.outbox.close()


def test_a_snapshot_that_is_damaged_while_the_agent_runs_is_fetched_again(agent):
    whole = agent.known.snapshot
    agent.outbox.keep("snapshot", b"{", knows_seq=0)
    assert agent.known.snapshot.members == ()
    for _ in range(2):
        agent.sync._looked_at = None
        agent.sync.round()
    assert agent.known.snapshot.version == whole.version


@pytest.mark.parametrize("content", [None, b"", b"short", b"k" * 32])
def test_a_lost_or_damaged_key_asks_for_pairing_and_does_not_stop_the_start(
    agent, carrier, clock, fresh_database, stand, content
):
    (path,) = agent.outbox.folder.glob("key-*")
    agent.outbox.record(draft())
    path.unlink() if content is None else path.write_bytes(content)
    again = restarted(agent, carrier, clock)
    start(again)
    again.sync.stop()
    assert again.sync.trouble == "KEY_LOST"
    with pytest.raises(NotPaired):
        again.outbox.record(draft())
    with pytest.raises(KeyLost):
        read_key(again.outbox.folder, again.outbox.identity.fingerprint)
    with pytest.raises(ServerDown):
        again.sync.round()
    page = create_app(kiosk=again).test_client().get("/deposit", follow_redirects=True).text
    assert "要重新连接" in page
    pair_agent(again, fresh_database, stand)
    sent = again.outbox.record(draft())
    again.sync.round()  # The old event stays here and blocks nothing.
    assert again.outbox.find(sent.event_id).state == "posted"
    assert again.outbox.count_waiting() == 1
    again.outbox.close()


def test_a_damaged_outbox_is_refused_with_what_not_to_do(agent):
    folder = agent.outbox.folder
    agent.outbox.close()
    for path in folder.glob("outbox.sqlite*"):
        path.unlink()
    (folder / "outbox.sqlite").write_bytes(b"no database at all" * 400)
    with pytest.raises(DiskUnfit, match="Keep the file"):
        Outbox(folder, clock=lambda: 1)
    with pytest.raises(DiskUnfit):  # The refusal has left the folder free.
        Outbox(folder, clock=lambda: 1)
