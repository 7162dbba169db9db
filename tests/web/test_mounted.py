"""The whole site below a path of a portal: no address leads out of it, whoever reads which page."""

import re
from collections import deque
from urllib.parse import unquote

import pytest
from werkzeug.test import Client

from tests.factories.sample import PASSWORD
from tests.house.sources import nothing
from web.app import create_app

MOUNT = "/timebank"
FRAMER = "https://portal.example"
ADDRESS = re.compile(
    r'(?:href|action|formaction|src|data-go|data-page|data-url)="([^"]*)"', re.IGNORECASE
)
PAGES_MOST = 150  # Of one reader: the lists of the sample have many rows of one kind.


def mounted(village, **config):
    database = village.database
    told = {"DATABASE": database, "COMMUNITY_ID": 1, "MOUNT": MOUNT, "SECRET_KEY": "m" * 32}
    return create_app(told | {"WTF_CSRF_ENABLED": False} | config)


def visit(app, login=""):
    client = Client(app)
    if login:
        told = {"login_name": login, "password": PASSWORD}
        answer = client.post(f"{MOUNT}/sign-in/name", data=told)
        assert answer.status_code == 303 and answer.location.startswith(f"{MOUNT}/")
    return client


def addresses_of(text):
    found = (one.replace("&amp;", "&") for one in ADDRESS.findall(text))
    return [one for one in found if one and not one.startswith(("#", "?", "tel:", "data:"))]


def leads_out(address):
    """Tell whether it is no address below the mount, or names one to come back to."""
    told = unquote(address)
    return not told.startswith(f"{MOUNT}/") or re.search(rf"(?:back|next)=(?!{MOUNT}/)/", told)


def crawl(client, start):
    """Read the pages that can be reached; gives each address that leads out, and each bad page."""
    faults, seen, shapes, waiting = [], set(), set(), deque([start])
    while waiting and len(shapes) < PAGES_MOST:
        here = waiting.popleft()
        shape = re.sub(r"\d{3,}|[A-Za-z0-9_-]{20,}", "N", here.split("#")[0])
        if shape in shapes:
            continue
        shapes.add(shape)
        answer = client.get(here)
        if answer.status_code in (302, 303):
            follow = [answer.location]
        elif answer.status_code == 405:  # It only takes forms.
            continue
        elif answer.status_code >= 400:
            faults.append(f"{here}: {answer.status_code}")
            continue
        else:
            follow = addresses_of(answer.text) if answer.mimetype == "text/html" else []
        for address in follow:
            if leads_out(address):
                faults.append(f"{here}: {address}")
            elif address not in seen and "/sign-out" not in address:
                seen.add(address)
                waiting.append(address)
    return faults, shapes


@pytest.mark.parametrize(
    ("login", "least"),
    [("", 12), ("claimant", 25), ("keeper", 35), ("coordinator", 60), ("approver", 20)],
)
def test_no_address_leads_out_of_the_mount(village, login, least):
    client = visit(mounted(village), login)
    faults, shapes = crawl(client, f"{MOUNT}/")
    nothing(sorted(set(faults)))
    assert len(shapes) >= least, len(shapes)


def test_the_crawl_sees_what_leads_out():
    assert leads_out("/help") and leads_out(f"{MOUNT}x/") and leads_out("https://portal.example/")
    assert leads_out(f"{MOUNT}/sign-in?next=/store") and not leads_out(f"{MOUNT}/?next={MOUNT}/x")


def test_a_form_below_a_mount_leads_back_into_it(village):
    client = visit(mounted(village), "keeper")
    stale = visit(mounted(village)).get(f"{MOUNT}/store/intake?store=1")
    assert stale.location.startswith(f"{MOUNT}/sign-in?next={MOUNT}/store/intake")
    switched = client.get(f"{MOUNT}/language/en?back={MOUNT}/help")
    assert switched.location == f"{MOUNT}/help"
    for other in ("/help", "/timebank-of-others/x", "//evil.example", f"{MOUNT}x"):
        assert client.get(f"{MOUNT}/language/en?back={other}").location == f"{MOUNT}/"


def test_a_proxy_may_take_the_path_off(village):
    app = mounted(village)
    assert f'href="{MOUNT}/shelf"' in Client(app).get("/help").text
    assert Client(app).get(MOUNT).status_code == 200


def test_a_sort_link_stays_below_the_mount(village):
    page = visit(mounted(village)).get(f"{MOUNT}/shelf").text
    sorts = [one for one in addresses_of(page) if "sort=" in one]
    assert sorts and all(one.startswith(f"{MOUNT}/shelf?") for one in sorts)


def test_only_the_named_portal_may_frame_the_site(village):
    headers = visit(mounted(village)).get(f"{MOUNT}/help").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    app = mounted(village, FRAMED_BY=(FRAMER,), HTTPS=True)
    headers = visit(app).get(f"{MOUNT}/help").headers
    assert f"frame-ancestors {FRAMER};" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    told = {"login_name": "keeper", "password": PASSWORD}
    answer = Client(app).post(f"{MOUNT}/sign-in/name", data=told, base_url="https://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) >= 2
    for cookie in cookies:
        assert "SameSite=None" in cookie and "Secure" in cookie and "Partitioned" in cookie
