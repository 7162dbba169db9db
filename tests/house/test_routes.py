"""Every route has a guard."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.views import MethodView

from tests.house.sources import nothing
from timebank.db import Database
from timebank.rights import Right
from web.app import create_app
from web.auth import needs, open_to_all, signed_in

# Static files, the same for everybody.
STATIC = ("static", "assets.static")


def route_faults(app: Flask) -> list[str]:
    """List the routes without one of the guards of ``web/auth.py``."""
    return [
        f"{rule.rule} ({rule.endpoint}) carries no guard: @open_to_all, @signed_in or @needs(…)"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC
        and not all(hasattr(view, "_guard") for view in _views(app, rule.endpoint))
    ]


def _views(app: Flask, endpoint: str) -> Iterator[object]:
    """What answers at an endpoint: the function, or each method of a class of views."""
    view = app.view_functions[endpoint]
    kind = getattr(view, "view_class", None)
    if kind is None or hasattr(view, "_guard"):
        yield view
        return
    for method in sorted(kind.methods or ()):
        yield getattr(kind, method.lower(), view)


@pytest.fixture(scope="module")
def app(sqlite_copies, info):
    database = Database(sqlite_copies.fresh(), info=info)
    yield create_app({"DATABASE": database, "COMMUNITY_ID": 1, "SECRET_KEY": "test"})
    database.close()


def test_every_route_says_who_may_open_it(app):
    nothing(route_faults(app))


def test_there_are_routes_to_guard(app):
    assert len(list(app.url_map.iter_rules())) > 3


def test_an_unguarded_route_is_found():
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/open", "open", open_to_all(lambda: ""))
    bare.add_url_rule("/mine", "mine", signed_in(lambda: ""))
    bare.add_url_rule("/work", "work", needs(Right("test.serve", ("keeper",)))(lambda: ""))
    assert route_faults(bare) == []
    bare.add_url_rule("/bare", "forgotten", lambda: "")
    assert [fault.split()[0] for fault in route_faults(bare)] == ["/bare"]


def test_an_unguarded_method_of_a_class_is_found():
    class Claims(MethodView):
        @signed_in
        def get(self):
            return ""

        def post(self):
            return ""

    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/claims", view_func=Claims.as_view("claims"))
    assert len(route_faults(bare)) == 1
    Claims.post = signed_in(Claims.post)
    assert route_faults(bare) == []
