"""The wiring: headers, forged forms, refusals as pages, languages, and deeds done once."""

import re

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.exceptions import UnprocessableEntity

from tests.factories import make_by
from tests.factories import people as make
from timebank.db import Busy
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, TimebankError
from timebank.people.refusals import TooManyTries
from timebank.policy.refusals import HouseholdCap
from web import reader, units
from web.auth import open_to_all
from web.errors import RETRY_AFTER_SECONDS
from web.reader import safe_path


def raising(app: Flask, fault: Exception, path: str = "/test/refused") -> str:
    """Add a page that fails in one way."""

    def fail() -> str:
        raise fault

    app.add_url_rule(path, path, open_to_all(fail))
    return path


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_every_page_carries_a_policy_without_inline_code(client: FlaskClient):
    for path in ("/help", "/nowhere", "/static/icons/mark.svg"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def resident(database):
    return database.write(lambda session, now: make.resident(session, make.make_town(session)))


def test_the_cookie_of_a_visit_is_for_this_site_only(client, sign_in, resident):
    sign_in(client, resident)
    told = client.get("/test/in").headers.getlist("Set-Cookie")
    assert any("visit=" in one and "HttpOnly" in one and "SameSite=Lax" in one for one in told)
    assert not any("Secure" in one for one in told)  # Browsers would drop it without https.


def test_behind_https_the_cookie_is_secure(database, sign_in):
    from web.app import create_app

    app = create_app({"DATABASE": database, "COMMUNITY_ID": 1, "HTTPS": True})
    assert app.config["SESSION_COOKIE_SECURE"]
    assert "Strict-Transport-Security" in app.test_client().get("/help").headers


def test_pages_of_a_visit_are_not_kept_by_a_shared_computer(client, sign_in, resident):
    assert "Cache-Control" not in client.get("/help").headers
    sign_in(client, resident)
    assert client.get("/test/in").headers["Cache-Control"] == "no-store"


def test_healthz_answers_and_asks_the_database(client, database):
    assert client.get("/healthz").get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound(kind="item"), 404),
        (NotAllowed(why="role"), 403),
        (HouseholdCap(next_on="2025-06-20"), 409),
        (BadInput(field="pieces", why="range"), 422),
        (TooManyTries(until_at="2025-06-10T02:05:00+00:00"), 429),
        (TimebankError(), 409),
    ],
)
def test_a_refusal_becomes_a_kind_page_in_both_languages(app, client, refusal, status):
    path = raising(app, refusal)
    pages = []
    for lang in ("zh", "en"):
        client.set_cookie("language", lang)
        answer = client.get(path)
        assert answer.status_code == status
        assert refusal.code in text(answer)
        pages.append(re.findall(r"<h1>(.*?)</h1>", text(answer))[0])
    assert pages[0] != pages[1]


def test_the_sentence_of_a_refusal_tells_its_facts(app, client):
    path = raising(app, HouseholdCap(next_on="2025-06-20"))
    assert "2025年6月20日起" in text(client.get(path))
    client.set_cookie("language", "en")
    assert "20 Jun 2025" in text(client.get(path))


def test_below_api_a_refusal_is_json(app, client):
    answer = client.get(raising(app, HouseholdCap(next_on="2025-06-20"), "/api/test"))
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "HOUSEHOLD_CAP"
    assert answer.get_json()["facts"] == {"next_on": "2025-06-20"}


def test_a_bug_loses_nothing_and_says_what_to_do(app, client):
    answer = client.get(raising(app, ZeroDivisionError("secret detail")))
    assert answer.status_code == 500
    assert "账上没有任何变动" in text(answer)
    assert "secret" not in text(answer)


def test_a_busy_database_asks_to_come_again(app, client):
    answer = client.get(raising(app, Busy("still busy")))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(RETRY_AFTER_SECONDS)
    assert "不会重复记账" in text(answer)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_wrong_method_is_told_the_right_one(app, client, method):
    answer = getattr(client, method)("/help")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_much_at_once_is_refused(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule(
        "/test/send", "send", open_to_all(lambda: str(units.DeedForm())), methods=["POST"]
    )
    answer = client.post("/test/send", data={"text": "x" * 1_100_000})
    assert answer.status_code == 413


def test_a_refusal_of_the_framework_keeps_its_status(app, client):
    assert client.get(raising(app, UnprocessableEntity())).status_code == 422


def test_a_forged_form_changes_nothing_and_is_told_so(app, client):
    done = []
    app.add_url_rule(
        "/test/send", "send", open_to_all(lambda: done.append(1) or "done"), methods=["POST"]
    )
    answer = client.post("/test/send", data={"pieces": "1"})
    assert answer.status_code == 400
    assert "什么也没有改动" in text(answer)
    assert not done


def test_the_language_is_kept_and_so_is_the_place(client):
    answer = client.get("/language/en?back=/help?x=1")
    assert answer.location == "/help?x=1"
    assert 'lang="en"' in text(client.get("/help"))
    client.get("/language/zh")
    assert 'lang="zh-Hans"' in text(client.get("/help"))


def test_an_unknown_language_or_size_is_not_found(client):
    assert client.get("/language/fr").status_code == 404
    assert client.get("/text/tiny").status_code == 404
    assert client.get("/contrast/pink").status_code == 404


def test_a_tampered_wish_falls_back_to_the_usual(client):
    client.set_cookie("language", "<script>")
    client.set_cookie("text", "huge")
    page = text(client.get("/help"))
    assert 'lang="zh-Hans"' in page
    assert 'data-text="normal"' in page


@pytest.mark.parametrize(
    "elsewhere",
    ["https://x.example/", "//x.example", "/\\x.example", "x", "", None, "/a\nb", "/\t/x.example"],
)
def test_nobody_is_sent_to_another_site(app, elsewhere):
    with app.test_request_context("/"):
        assert safe_path(elsewhere, "/home") == "/home"


def test_a_path_of_ours_is_kept(app):
    with app.test_request_context("/"):
        assert safe_path("/me?sort=-on") == "/me?sort=-on"


class Thing(units.DeedForm):
    """A form without fields."""


calls: list[tuple[int, str]] = []


@action("count_up")
def count_up(deed: Deed, *, step: int) -> int:
    """An action that can be counted; it refuses the step 13."""
    if step == 13:
        raise HouseholdCap(next_on="2025-06-20")
    calls.append((step, deed.request_id))
    return len(calls)


@pytest.fixture
def acting(app: Flask):
    """The form page of a deed, without a CSRF token."""
    calls.clear()
    app.config["WTF_CSRF_ENABLED"] = False
    by = make_by()

    def view() -> object:
        form = Thing()
        step = int(request.args["step"])
        if form.validate_on_submit() and units.tried(count_up, form, by=by, step=step):
            return "done"
        return units.draw("gallery/sent.html", form=form)

    app.add_url_rule("/test/deed", "deed", open_to_all(view), methods=["GET", "POST"])
    return app.test_client()


def request_id_of(page: str) -> str:
    return re.findall(r'name="request_id"[^>]*value="([^"]+)"', page)[0]


def test_a_deed_sent_twice_is_done_once(acting):
    key = request_id_of(text(acting.get("/test/deed?step=1")))
    for _ in range(2):
        assert text(acting.post("/test/deed?step=1", data={"request_id": key})) == "done"
    assert calls == [(1, key)]


def test_each_drawing_of_a_form_is_another_deed(acting):
    pages = [text(acting.get("/test/deed?step=1")) for _ in range(2)]
    assert request_id_of(pages[0]) != request_id_of(pages[1])


def test_a_refused_form_comes_back_with_the_reason_and_a_new_key(acting):
    key = request_id_of(text(acting.get("/test/deed?step=13")))
    answer = acting.post("/test/deed?step=13", data={"request_id": key})
    assert answer.status_code == 409
    assert "2025年6月20日起又可以领" in text(answer)
    assert request_id_of(text(answer)) != key


def test_a_sentence_without_gaps_may_hold_a_percent_sign(app):
    for lang in ("zh", "en"):
        drawing = app.jinja_env.spoken[lang]
        assert drawing.from_string("{{ _('九成新 90% new') }}").render() == "九成新 90% new"


def test_a_request_within_a_request_leaves_the_language_alone(app):
    with app.test_request_context("/", headers={"Cookie": "language=en"}):
        app.preprocess_request()
        app.test_client().get("/healthz")
        assert reader.language() == "en"
    assert reader.language() == "zh"
