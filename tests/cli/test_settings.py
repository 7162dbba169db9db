"""The operator's settings, and the messages for invalid ones."""

from pathlib import Path

import pytest

from timebank.config import read_settings
from timebank.errors import BadInput


def test_nothing_needs_to_be_set():
    settings = read_settings({})
    assert (settings.port, settings.kiosk_port) == (8000, 8100)
    assert settings.data == Path("data").absolute()
    assert settings.database_url == f"sqlite:///{settings.data / 'timebank.sqlite'}"


def test_everything_moves_with_the_data(tmp_path):
    settings = read_settings({"TIMEBANK_DATA": str(tmp_path)})
    places = (settings.key_file, settings.kiosk_data, settings.logs)
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert str(tmp_path) in settings.database_url


def test_what_is_set_wins_and_what_is_empty_does_not():
    told = {"TIMEBANK_DATABASE": "postgresql+psycopg://h/d", "PORT": "9000", "KIOSK_PORT": ""}
    settings = read_settings(told)
    assert settings.database_url == "postgresql+psycopg://h/d"
    assert (settings.port, settings.kiosk_port) == (9000, 8100)


@pytest.mark.parametrize("told", ["abc", "0", "65536", "-1", "80.5"])
def test_a_port_that_makes_no_sense_is_named(told):
    with pytest.raises(BadInput) as refusal:
        read_settings({"KIOSK_PORT": told})
    assert refusal.value.facts == {"field": "KIOSK_PORT", "why": "port", "value": told}


def test_sqlite_is_served_by_two_threads(tmp_path):
    assert read_settings({"TIMEBANK_DATA": str(tmp_path)}).threads == 2
    assert read_settings({"TIMEBANK_DATABASE": "postgresql+psycopg://h/d"}).threads == 8


def test_no_proxy_is_believed_until_it_is_named():
    assert (read_settings({}).proxies, read_settings({}).is_https) == ((), False)
    told = {"TIMEBANK_PROXIES": "127.0.0.1, 10.0.0.0/8", "TIMEBANK_HTTPS": "1"}
    settings = read_settings(told)
    assert [str(one) for one in settings.proxies] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert settings.is_https


def test_a_portal_is_named_by_its_path_and_its_origins():
    assert (read_settings({}).mount, read_settings({}).framed_by) == ("", ())
    told = {"TIMEBANK_MOUNT": "/portal/timebank/", "TIMEBANK_HTTPS": "1"}
    told |= {"TIMEBANK_FRAMED_BY": "https://portal.example, https://street.example:8443"}
    settings = read_settings(told)
    assert settings.mount == "/portal/timebank"
    assert settings.framed_by == ("https://portal.example", "https://street.example:8443")
    for bad in ("http://portal.example", "portal.example", "https://a/b", "*", "'self'"):
        with pytest.raises(BadInput) as refusal:
            read_settings({"TIMEBANK_HTTPS": "1", "TIMEBANK_FRAMED_BY": bad})
        assert refusal.value.facts["why"] == "origin"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("TIMEBANK_PROXIES", "10.0.0.1/8"),
        ("TIMEBANK_PROXIES", "my-proxy"),
        ("TIMEBANK_HTTPS", "yes"),
        ("TIMEBANK_MOUNT", "timebank"),
        ("TIMEBANK_MOUNT", "//portal"),
        ("TIMEBANK_MOUNT", "/../x"),
        ("TIMEBANK_FRAMED_BY", "https://portal.example"),  # Without TIMEBANK_HTTPS.
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name, told):
    with pytest.raises(BadInput) as refusal:
        read_settings({name: told})
    assert refusal.value.facts["field"] == name
