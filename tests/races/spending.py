"""A server process with one address more than the web has: it spends hours of a passbook.

Everything else of the way is the web's own: the token, the key of the deed, the unit of work,
the table of refusals. So is waitress, which serves it. It can be started with a flaw.
"""

import os
import signal
from multiprocessing.connection import Connection
from typing import Any

import pytest
from flask import Blueprint, Flask, jsonify, request
from sqlalchemy import event
from waitress import create_server

from tests.races import unguarded
from tests.races.racing import take
from timebank.db import Database
from timebank.people.actions import open_visit
from timebank.vault.cipher import Vault
from web.api.deeds import deed, refused, replay_headers
from web.api.guards import by_token
from web.app import create_app
from web.security import csrf

PATH = "/api/v1/me/spend"
DIES_BEFORE_COMMIT, DIES_AFTER_COMMIT, UNGUARDED = "before", "after", "unguarded"
THREADS = 16
spending = Blueprint("spending", __name__)
csrf.exempt(spending)  # As the blueprint of the API: no cookie speaks for who spends.


@spending.post(PATH)
@by_token
def spend() -> Any:
    told = deed(take, **request.get_json())
    if told.refusal is not None:
        return refused(told.refusal, told)
    taken = told.result()
    body = {"txn_id": str(taken.txn_id), "quantity": taken.quantity}
    return jsonify(body), 201, replay_headers(told)


def open_database(url: str) -> Database:
    """Open the database as the tests' own vault does, by the real clock."""
    return Database(url, info={"vault": Vault(bytes(range(32)))})


def web_over(database: Database) -> Flask:
    app = create_app({"DATABASE": database, "COMMUNITY_ID": 1})
    app.register_blueprint(spending)
    return app


def token_for(database: Database, by: Any) -> str:
    return open_visit(database, by=by, kind="api").token


def serve(url: str, told: Connection, flaw: str = "") -> None:
    """Serve until killed; tell the port first."""
    if flaw == UNGUARDED:
        _take_out_the_guards(pytest.MonkeyPatch())
    database = open_database(url)
    if flaw == UNGUARDED:
        database._queue = None
    app = web_over(database)
    if flaw == DIES_BEFORE_COMMIT:
        event.listen(database.engine, "commit", _die)
    if flaw == DIES_AFTER_COMMIT:
        app.after_request(_die)  # The deed is committed, but the answer is never sent.
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None)
    told.send(server.effective_port)
    server.run()


def _die(_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _take_out_the_guards(patch: pytest.MonkeyPatch) -> None:
    unguarded.take_out_the_lock(patch)
    unguarded.take_out_the_guard(patch)
    unguarded.take_out_begin_immediate(patch)
