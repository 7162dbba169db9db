"""The agent of one kiosk: wiring, pairing from the command line, serving.

It listens on loopback only; its screen is a browser on the same machine. Not here: pages.
"""

import logging
import os
from typing import Any

from flask import Flask

from kiosk import faults, pages, security
from kiosk.agent import Kiosk, make_kiosk, pair_kiosk, start
from kiosk.config import Config, read_config
from kiosk.server import Carrier
from kiosk.store import Identity

# What the web server reads before a page can refuse it; a page reads far less.
REQUEST_MAX = 2**20


def create_app(config: Config | None = None, *, kiosk: Kiosk | None = None) -> Flask:
    """Wire the agent. Without a ready-made ``kiosk`` it opens one and starts sending."""
    if kiosk is None:
        kiosk = make_kiosk(config or read_config(os.environ))
        start(kiosk)
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.extensions["kiosk"] = kiosk
    app.jinja_options["autoescape"] = True
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    security.guard(app)
    faults.install(app)
    pages.register(app)
    return app


def pair(config: Config, code: str, *, carrier: Carrier | None = None) -> Identity:
    """Join a shop with a one-time code, from the command line or before the first start.

    **Refuses**: ``PairingRefused``; ``ServerDown`` when the server does not answer.
    """
    kiosk = make_kiosk(config, carrier=carrier)
    try:
        return pair_kiosk(kiosk, code)
    finally:
        kiosk.outbox.close()


def run(config: Config | None = None, **options: Any) -> None:
    """Serve the agent on loopback until the process ends."""
    from waitress import serve

    config = config or read_config(os.environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve(
        create_app(config), host="127.0.0.1", port=config.port, threads=4, ident=None,
        max_request_body_size=REQUEST_MAX,
    )  # fmt: skip


if __name__ == "__main__":
    run()
