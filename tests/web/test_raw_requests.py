"""What no browser sends, byte for byte over a real connection: none of it is a fault of ours."""

import socket

import pytest

from tests.house.sources import nothing
from tests.waiting import HANG_SECONDS
from tests.web.test_server import get, serving

HOST = b"Host: 127.0.0.1"
FORM, PARTS = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
SIGN_IN = b"/sign-in/name"


def asked(*headers, line=b"GET / HTTP/1.1", host=HOST, body=b""):
    """One request, as it stands on the wire."""
    head = [line, *([host] if host else []), *headers, b"Connection: close"]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def posted(path, kind, body, *headers):
    told = (b"Content-Type: " + kind, b"Content-Length: %d" % len(body), *headers)
    return asked(*told, line=b"POST " + path + b" HTTP/1.1", body=body)


def streamed(*chunks):
    told = (b"Transfer-Encoding: chunked", b"Content-Type: " + FORM)
    body = b"".join(chunks)
    return asked(*told, line=b"POST " + SIGN_IN + b" HTTP/1.1", body=body)


def part(told, data):
    head = b"--b\r\nContent-Disposition: form-data; " + told
    return posted(SIGN_IN, PARTS, head + b"\r\n\r\n" + data + b"\r\n--b--\r\n")


HOSTS = (
    b"a..b", b"", b"a:99999999", b"[::1", b"\xff\xfe\x00", b"[fe80::1%25eth0]:80",
    "xn--\u00fc.例".encode(), b"a" * 64 + b".b", b"user:pw@evil", b"a, b", b"-", b"..",
)  # fmt: skip
ADDRESSES = (
    b"http://[::1/../", b"http://a..b/sign-in", b"/sign-in%00", b"/%ff%fe/%c0%af", b"//", b"*",
    b"/" + b"a" * 200_000, b"/shelf?page=%ff&q=%00&lang=%ed%a0%80", b"/lang/%00?next=%ff",
    b"/shelf?page=" + b"9" * 400 + b"&shop=" + b"9" * 5_000, b"/sign-in?next=http://[",
    b"/sign-in?next=//evil%0d%0aSet-Cookie:a=b", b"/static/..%2f..%2fetc/passwd", b"/static/%00",
)  # fmt: skip
HEADERS = (
    b"Cookie: session=" + b"x" * 60_000,
    b"Cookie: " + b"; ".join(b"a%d=%d" % (number, number) for number in range(3_000)),
    b'Cookie: session=\xff\xfe; known=\x01; =; a==;;;"\\',
    b'Cookie: session="\\777\\400"; lang="\\303\\050"; known="\\000"',
    b"Accept-Language: " + b"zh;q=nan," * 500 + b"en;q=1e999, \xff",
    b'Accept: */*;q="\\',
    b"Accept-Encoding: gzip;q=x, ;;=,br;q=-1",
    b"Range: bytes=-" + b"9" * 400,
    b"If-Modified-Since: Foo, 99 Bar 99999 99:99:99 GMT",
    b'If-None-Match: "\xff, W/, **',
    b"Authorization: Bearer \xff\x01" + b"a" * 9_000,
    b"Authorization: Basic ////",
    b'Authorization: Digest a="\\, b',
    b"X-Forwarded-For: " + b"9" * 400 + b", ::::, \xff",
    b'Forwarded: for="["',
    b"Referer: http://[",
    b"User-Agent: \xff\x80\x01" + b"(" * 5_000,
    b"X-Kiosk-Device: " + b"9" * 400,
    b"X-A: a\x00b",
    b"X-A: a\r\n b",
    b": b",
    b"Host: b",
    b"\r\n".join(b"X-%d: a" % number for number in range(20_000)),
)  # fmt: skip
LINES = (
    b"BREW / HTTP/1.1", b"TRACE / HTTP/1.1", b"get / HTTP/1.1", b"A" * 9_000 + b" / HTTP/1.1",
    b"CONNECT evil:443 HTTP/1.1", b"OPTIONS * HTTP/1.1", b"DELETE /api/v1/me/claims/1 HTTP/1.1",
    b"GET / HTTP/9.9", b"GET /", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)  # fmt: skip
LENGTHS = (b"-1", b"9" * 400, "１２".encode(), b"+3", b"3\r\nContent-Length: 4", b"0x3")
BODIES = (
    streamed(b"ZZ\r\nabc\r\n0\r\n\r\n"),
    streamed(b"-5\r\nabcde\r\n0\r\n\r\n"),
    streamed(b"f" * 40, b"\r\nabc\r\n0\r\n\r\n"),
    streamed(b"5\r\na=%ff\r\n0\r\n\r\n"),
    posted(SIGN_IN, FORM, b"abc", b"Transfer-Encoding: gzip, chunked"),
    posted(SIGN_IN, FORM, b"abc", b"Expect: 200-nothing"),
    posted(SIGN_IN, FORM, b"abc", b"X-HTTP-Method-Override: DELETE"),
    posted(SIGN_IN, FORM, b"login_name=%00&password=%ed%a0%80&csrf_token=%ff"),
    posted(SIGN_IN, FORM, b"&".join(b"a%d=1" % number for number in range(50_000))),
    posted(SIGN_IN, FORM + b"; charset=utf-7", b"login_name=+AAA-"),
    posted(SIGN_IN, b'text/\xff; a="', b"abc"),
    posted(b"/sign-in/card", FORM, b"card_no=" + b"9" * 400 + b"&pin=" + b"9" * 5_000),
    part(b'name="login_name"; filename="a.txt"', b"abc"),
    part(b'name="csrf_token"; filename="x"', b"\x00\xff"),
    part(b"name*=utf-8''%ff%fe", b"\xff"),
    part(b'name="password"\r\nContent-Type: text/plain; charset=idna', b"\xff.."),
    posted(SIGN_IN, b"multipart/form-data", b"abc"),
    posted(SIGN_IN, b"multipart/form-data; boundary=" + b"b" * 5_000, b"--b"),
    posted(SIGN_IN, PARTS, b'--b\r\nContent-Disposition: form-data; name="a"'),
    posted(b"/api/v1/kiosk/pair", b"application/json", b'{"code":' + b"9" * 5_000 + b"}"),
    posted(b"/api/v1/kiosk/pair", b"application/json", b'{"code":"\\ud800","public_key":NaN}'),
    posted(b"/api/v1/kiosk/pair", b"application/json", b"[" * 100_000),
    posted(b"/api/v1/kiosk/nonce", FORM, b"", b"X-Kiosk-Device: " + b"9" * 400),
)  # fmt: skip
CUT_OFF = (BODIES[2],)  # More of it is announced than ever comes.
HEADER_MAX = 32 * 1024  # Whoever still sends when it is refused may lose the answer.
REQUESTS = (
    *(asked(host=b"Host: " + host, line=b"GET /sign-in HTTP/1.1") for host in HOSTS),
    asked(host=b""),
    *(asked(line=b"GET " + address + b" HTTP/1.1") for address in ADDRESSES),
    *(asked(header) for header in HEADERS),
    *(asked(header, line=b"GET /api/v1/me/claims HTTP/1.1") for header in HEADERS),
    *(asked(line=line) for line in LINES),
    *(asked(b"Content-Length: " + told, line=b"POST /sign-in/name HTTP/1.1", body=b"abc")
      for told in LENGTHS),
    *BODIES,
)  # fmt: skip


def answer_to(port, raw):
    """The first line of the answer; empty if the server closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            return line.makefile("rb").read()
        except OSError:
            return b""  # It has read enough.


def test_nothing_on_the_wire_is_a_fault_of_ours(office):
    faults = []
    with serving(office.app) as port:
        for raw in REQUESTS:
            answer = answer_to(port, raw)
            if not answer and raw not in CUT_OFF and len(raw) < HEADER_MAX:
                faults.append(f"{raw[:90]!r}: closed without a word")
            if b" 500 " in answer.split(b"\r\n")[0] or b"Set-Cookie: a=b" in answer:
                faults.append(f"{raw[:90]!r}: {answer[:60]!r}")
        assert get(port, "/sign-in") == 200  # And it still answers.
    nothing(faults)


@pytest.mark.parametrize("path", [b"/sign-in/card", b"/api/v1/kiosk/pair", b"/me/deposit"])
def test_forty_megabytes_are_refused_before_they_are_read(office, path):
    told = (b"Content-Type: " + FORM, b"Content-Length: 41943040")
    with serving(office.app) as port:
        answer = answer_to(port, asked(*told, line=b"POST " + path + b" HTTP/1.1", body=b"9" * 999))
    assert answer.split(b" ")[1] == b"413"
