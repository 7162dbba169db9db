"""Whose address counts: the proxy's client if the operator named the proxy, else the connection."""

import ipaddress

import pytest
from flask import request

from tests.databases import COMMUNITY_ID
from web.app import create_app
from web.auth import open_to_all
from web.network import network_of, sender

CLIENT, PROXY, INNER = "203.0.113.7", "10.0.0.1", "10.0.0.2"
TOLD = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "atm.example"}


@pytest.fixture
def ask(database):
    """Ask who the application believes to see, with the proxies that it knows."""

    def asked(peer, *proxies, forwarded="", **headers):
        known = tuple(ipaddress.ip_network(one) for one in proxies)
        app = create_app({"DATABASE": database, "COMMUNITY_ID": COMMUNITY_ID, "PROXIES": known})
        told = open_to_all(lambda: [sender(), request.scheme, request.host])
        app.add_url_rule("/test/seen", "test_seen", told)
        if forwarded:
            headers["X-Forwarded-For"] = forwarded
        client = app.test_client()
        answer = client.get("/test/seen", headers=headers, environ_base={"REMOTE_ADDR": peer})
        return answer.json

    return asked


def test_without_the_setting_forged_headers_are_ignored(ask):
    forged = {"forwarded": "198.51.100.1", **TOLD}
    assert ask(CLIENT, **forged) == [CLIENT, "http", "localhost"]


def test_a_stranger_is_no_proxy_even_if_there_are_some(ask):
    assert ask(CLIENT, PROXY, forwarded="198.51.100.1", **TOLD) == [CLIENT, "http", "localhost"]


def test_the_client_of_a_known_proxy_is_seen(ask):
    assert ask(PROXY, "10.0.0.0/8", forwarded=CLIENT, **TOLD) == [CLIENT, "https", "atm.example"]


def test_what_the_client_wrote_before_the_proxy_is_ignored(ask):
    assert ask(PROXY, PROXY, forwarded=f"198.51.100.1, {PROXY}, {CLIENT}")[0] == CLIENT


def test_two_proxies_in_a_row_are_passed(ask):
    forged = f"198.51.100.1, {CLIENT}, {INNER}"
    assert ask(PROXY, "10.0.0.0/8", forwarded=forged)[0] == CLIENT


@pytest.mark.parametrize("forwarded", ["", f"{INNER}", "rubbish, 10.0.0.2"])
def test_a_proxy_that_names_nobody_is_counted_itself(ask, forwarded):
    assert ask(PROXY, "10.0.0.0/8", forwarded=forwarded)[0] in (PROXY, INNER, "unknown")


def test_a_forwarded_host_is_checked_like_any_other(ask):
    assert ask(PROXY, PROXY, **{"X-Forwarded-Host": "a..b"}) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"), ("2001:db8::1", "2001:db8::/64"), ("", "unknown"),
        ("2001:db8::ffff:1", "2001:db8::/64"), ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("x" * 500, "unknown"), ("10.0.0.1:4711", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("[2001:db8::1]:443", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"),
    ],
)  # fmt: skip
def test_one_subscriber_has_one_address(address, network):
    assert network_of(address) == network
