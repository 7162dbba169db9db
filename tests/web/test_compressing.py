"""Pages travel compressed, and their length tells nothing of what they hold."""

import gzip

import pytest

from web.compressing import LEAST_BYTES, PADDING_BYTES, packed

ACCEPTED = {"Accept-Encoding": "gzip, br"}
PAGE = b"<p>" + "白糖 83 袋".encode() * 400


def test_what_is_packed_unpacks():
    assert gzip.decompress(packed(PAGE)) == PAGE


def test_the_same_page_has_many_lengths():
    lengths = {len(packed(PAGE)) for _ in range(200)}
    assert len(lengths) > PADDING_BYTES // 4


def test_a_page_is_compressed_for_who_accepts_it(client):
    plain, answer = client.get("/"), client.get("/", headers=ACCEPTED)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) == int(answer.headers["Content-Length"]) < len(plain.data) / 2
    assert "<main" in gzip.decompress(answer.data).decode()


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0"])
def test_a_page_is_plain_for_who_does_not(client, accepted):
    answer = client.get("/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_script_is_compressed_too(client):
    page = client.get("/").text
    for ending in ("css", "js"):
        start = page.index("/static/face-", page.index("<head"))
        while not page[start:].split('"')[0].endswith(ending):
            start = page.index("/static/face-", start + 1)
        answer = client.get(page[start:].split('"')[0], headers=ACCEPTED)
        assert answer.headers["Content-Encoding"] == "gzip"


def test_what_is_short_is_sent_as_it_is(client):
    answer = client.get("/healthz", headers=ACCEPTED)
    assert len(answer.data) < LEAST_BYTES
    assert "Content-Encoding" not in answer.headers


def test_json_is_compressed(client):
    answer = client.get("/api/v1/openapi.json", headers=ACCEPTED)
    assert answer.headers["Content-Encoding"] == "gzip"
