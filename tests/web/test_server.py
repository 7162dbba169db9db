"""The server keeps no door closed: not for half-open connections, not while a file is locked."""

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.waiting import HANG_SECONDS, wait_until
from tests.web.test_health import foreign_lock
from timebank.db import units
from web.app import create_app
from web.server import BoundedServer, make_server
from web.uploads import Uploads


@contextlib.contextmanager
def serving(app, *, threads=2, has_proxies=False, **bounds):
    """Run the server of ``timebank serve`` on a free port; yield its port."""
    server = make_server(app, host="127.0.0.1", port=0, threads=threads, has_proxies=has_proxies)
    for name, value in bounds.items():
        setattr(server, name, value)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    try:
        yield server.effective_port
    finally:
        server.task_dispatcher.shutdown()
        with contextlib.suppress(OSError):
            server.close()


# So that only the number of connections matters.
PATIENT = {"header_seconds": HANG_SECONDS, "request_seconds": HANG_SECONDS}


def plain(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]


def get(port, path="/", *, within=HANG_SECONDS):
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=within) as answer:
        return answer.status


def forwarded(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [environ.get("HTTP_X_FORWARDED_FOR", "nothing").encode()]


@pytest.mark.parametrize(("has_proxies", "seen"), [(False, b"nothing"), (True, b"203.0.113.7")])
def test_the_headers_of_proxies_reach_only_an_application_that_knows_its_proxies(has_proxies, seen):
    with serving(forwarded, has_proxies=has_proxies) as port:
        asked = Request(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "203.0.113.7"})
        with urlopen(asked, timeout=HANG_SECONDS) as answer:
            assert answer.read() == seen


def half_open(port, sent=b"GET / HTTP/1.1\r\nHost: a\r\n"):
    opened = socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS)
    opened.sendall(sent)
    return opened


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_new_connection_replaces_the_one_that_is_silent_the_longest(sent):
    with serving(plain, connections_max=20, **PATIENT) as port, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(half_open(port, sent)) for _ in range(30)]
        assert get(port) == 200
        slow[0].settimeout(30)
        assert slow[0].recv(100) == b""
        slow[-1].settimeout(0.5)
        with pytest.raises(TimeoutError):
            slow[-1].recv(100)


def test_many_half_open_connections_keep_nobody_out():
    """Waitress alone stops accepting at a hundred."""
    with serving(plain, **PATIENT) as port, contextlib.ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(half_open(port))
        assert get(port, within=30) == 200


def drip(port, sent, more):
    """Send a byte again and again, until the server closes; tell whether it did."""
    with half_open(port, sent) as slow:
        slow.settimeout(0.05)
        for _ in range(400):
            try:
                slow.sendall(more)
                if slow.recv(100) == b"":
                    return True
            except TimeoutError:
                continue
            except OSError:
                return True
    return False


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (b"", b"G"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"x"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", b"x"),
    ],
)
def test_a_request_that_drips_in_is_ended(sent, more):
    with serving(plain, header_seconds=0.2, request_seconds=0.4) as port:
        assert drip(port, sent, more)


def test_a_request_that_is_worked_on_is_not_ended():
    """However long the work takes, and though the bounds are long over."""
    seen, over = threading.Event(), []

    def slow(environ, start):
        for _ in range(25):
            if seen.wait(0.1):
                break
        over.append(True)
        return plain(environ, start)

    with serving(slow, header_seconds=0.1, request_seconds=0.1) as port:
        assert get(port) == 200 and over


def test_a_connection_that_is_used_again_owes_nothing_in_between():
    with (
        serving(plain, header_seconds=0.1) as port,
        half_open(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as kept,
    ):
        read_answer(kept)
        kept.settimeout(2.5)  # Several rounds of maintenance.
        with pytest.raises(TimeoutError):
            kept.recv(1000)
        kept.settimeout(HANG_SECONDS)
        kept.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        read_answer(kept)


def read_answer(connection):
    told = b""
    while not told.endswith(b"here"):
        told += connection.recv(1000)
    assert told.startswith(b"HTTP/1.1 200 OK")


def test_readers_are_served_while_another_program_holds_the_file(database, monkeypatch):
    """One writer waits for the file, another gives up; the thread of the second serves readers."""
    app = create_app({"DATABASE": database, "COMMUNITY_ID": 1})
    # Without the guard the second writer must outlast the first, or the verdict would be a race.
    monkeypatch.setattr(units, "_PATIENCE_SECONDS", 30.0)

    def post(port):
        asked = Request(
            f"http://127.0.0.1:{port}/api/v1/sign-in",
            data=b'{"login_name": "a", "password": "b"}',
            headers={"Content-Type": "application/json"},
        )
        with contextlib.suppress(OSError):
            urlopen(asked, timeout=HANG_SECONDS).close()

    with serving(app) as port, ThreadPoolExecutor(2) as pool:
        assert get(port, "/shelf") == 200
        with foreign_lock(database):
            writers = [pool.submit(post, port) for _ in range(2)]
            wait_until(lambda: database._waiting_since)
            since = database._waiting_since
            assert get(port, "/shelf") == 200
            assert database._waiting_since == since  # It was answered while the writer waits.
        for one in writers:
            one.result()


def test_the_server_is_the_one_of_the_command():
    assert isinstance(make_server(plain, host="127.0.0.1", port=0, threads=1), BoundedServer)


def test_only_where_it_is_expected_a_body_may_be_large():
    def long(environ, start):
        start("200 OK", [("Content-Type", "text/plain")])
        return [str(len(environ["wsgi.input"].read())).encode()]

    uploads = Uploads()
    long.extensions = {"timebank.uploads": uploads}
    token, body = uploads.expect(), bytes(17 * 1024 * 1024)
    with serving(long) as port:
        for path, status in ((f"/work/restore/{token}", 200), ("/work/restore/other", 413)):
            asked = Request(f"http://127.0.0.1:{port}{path}", data=body)
            try:
                with urlopen(asked, timeout=HANG_SECONDS) as answer:
                    assert (answer.status, answer.read()) == (status, b"17825792")
            except HTTPError as fault:
                assert fault.code == status
            except (URLError, ConnectionError):  # It is closed before all of it is sent.
                assert status == 413
