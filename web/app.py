"""Wire the web: settings, database, guards, templates, and every subject's pages.

A folder ``web/<subject>/`` with a module ``subject.py`` is found automatically: its value
``PAGES`` declares what it brings. Its templates are named ``<subject>/….html``. Nothing else is
decided here.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined

from timebank.backups.outside import info_of
from timebank.clock import SteadyClock, require_plausible
from timebank.config import read_settings
from timebank.db import Database, check_engine
from timebank.keyring import Keyring, open_vault
from timebank.schema import require_current
from timebank.sealing.keys import SIGNER, Signer
from web import (
    addresses,
    assets,
    auth,
    compressing,
    drawing,
    errors,
    formats,
    ground,
    health,
    mounting,
    network,
    places,
    reader,
    restoring,
    security,
)
from web.pages import join
from web.subjects import declared, folders

WEB = Path(__file__).parent
Config = Mapping[str, Any]


def create_app(config: Config | None = None) -> Flask:
    """Create the application.

    ``config`` may contain a ``DATABASE`` with its vault, a ``COMMUNITY_ID``, the ``PROXIES``,
    ``HTTPS``, ``MOUNT`` and ``FRAMED_BY``; otherwise they are read from the environment.
    """
    app = addresses.Site(__name__, static_folder=None)
    app.config.update(config or {})
    app.jinja_options = {
        "trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined,
    }  # fmt: skip
    app.jinja_environment = drawing.Drawing
    app.jinja_loader = _templates()
    if "DATABASE" not in app.config:
        _open_database(app)
    for part in (
        compressing, addresses, ground, reader, security, assets, auth, formats, places, errors,
        health, mounting, network, restoring,
    ):  # fmt: skip
        part.install(app)
    for pages in declared():
        join(app, pages)
    drawing.finish(app)
    return app


def _open_database(app: Flask) -> None:
    settings = read_settings(os.environ)
    database = Database(settings.database_url, clock=SteadyClock())
    check_engine(database.engine)
    require_current(database.engine)
    require_plausible(database, database.clock(), is_told_right=settings.is_clock_right)
    database.info["vault"] = open_vault(database, Keyring(os.environ, settings.key_file))
    with database.reading() as session:
        signer = Signer.load(session, os.environ, settings.seal_key_file)
    database.info[SIGNER] = signer
    database.info |= info_of(settings)
    app.config["DATABASE"] = database
    app.config["SIGNER"] = signer
    app.config["DATA"] = settings.data
    app.config.setdefault("COMMUNITY_CODE", settings.community_code)
    app.config.setdefault("PROXIES", settings.proxies)
    app.config.setdefault("HTTPS", settings.is_https)
    app.config.setdefault("MOUNT", settings.mount)
    app.config.setdefault("FRAMED_BY", settings.framed_by)


def _templates() -> ChoiceLoader:
    """Find ``goods/store_shelf.html`` in ``web/goods/templates``, and shared parts in
    ``web/templates``.
    """
    own = {name: FileSystemLoader(WEB / name / "templates") for name in folders()}
    return ChoiceLoader([FileSystemLoader(WEB / "templates"), PrefixLoader(own)])
