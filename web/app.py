"""The only wiring of the web: settings, database, guards, faces, and every subject's pages.

A folder ``web/<subject>/`` with a ``views`` module joins by itself: the module holds a
``blueprint``, or a function ``register(app)`` where it needs more than one. Nothing else
is decided here.
"""

import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

import web
from timebank.config import read_settings
from timebank.db import Database, check_engine
from timebank.people.vault import Vault
from timebank.schema import require_current
from timebank.sealing.keys import SIGNER, Signer
from web import addresses, assets, auth, drawing, errors, formats, ground, places, reader, security

Config = Mapping[str, Any]


def create_app(config: Config | None = None) -> Flask:
    """Make the application.

    ``config`` may bring a ``DATABASE`` with its vault and a ``COMMUNITY_ID``; what it does
    not bring is read from the environment.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(config or {})
    app.jinja_options = {
        "trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined,
    }  # fmt: skip
    app.jinja_environment = drawing.Drawing
    if "DATABASE" not in app.config:
        _open_database(app)
    for part in (addresses, ground, reader, security, assets, auth, formats, places, errors):
        part.install(app)
    for views in _subjects():
        if hasattr(views, "register"):
            views.register(app)
        else:
            app.register_blueprint(views.blueprint)
    drawing.finish(app)
    return app


def _open_database(app: Flask) -> None:
    settings = read_settings(os.environ)
    database = Database(settings.database_url)
    check_engine(database.engine)
    require_current(database.engine)
    database.info["vault"] = Vault.load(os.environ, settings.key_file)
    with database.reading() as session:
        signer = Signer.load(session, os.environ, settings.seal_key_file)
    database.info[SIGNER] = signer
    app.config["DATABASE"] = database
    app.config["SIGNER"] = signer
    app.config.setdefault("COMMUNITY_CODE", settings.community_code)


def _subjects() -> Iterator[ModuleType]:
    """The ``views`` of every subject folder, by name."""
    for found in pkgutil.iter_modules(web.__path__, "web."):
        name = f"{found.name}.views"
        if found.ispkg and importlib.util.find_spec(name):
            yield importlib.import_module(name)
