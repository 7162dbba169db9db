"""The pages, one file per task. A page changes nothing until its event is on disk."""

from pathlib import Path

from flask import Flask, Response, send_file

from kiosk.pages import (
    announce,
    bringing,
    deposit,
    helped,
    home,
    look,
    messages,
    pairing,
    passbook,
    pickup,
    pin,
    scanning,
    shift,
    take,
)

# The web and the kiosk share one stylesheet of colours.
TOKENS = Path(__file__).resolve().parents[2] / "web" / "static" / "css" / "tokens.css"


def register(app: Flask) -> None:
    """Register all pages."""
    tasks = (
        home, scanning, bringing, deposit, announce, shift, helped, pickup, take, pin, look,
        messages, passbook, pairing,
    )  # fmt: skip
    for task in tasks:
        app.register_blueprint(task.blueprint)
    app.add_url_rule("/tokens.css", "tokens", tokens)


def tokens() -> Response:
    return send_file(TOKENS, mimetype="text/css", max_age=3600)
