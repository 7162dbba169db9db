"""Where the site is: at the root of its host, or under a path of a portal that may frame it.

With ``MOUNT`` = ``/timebank`` the site answers below that path, whether or not the portal's proxy
takes the path off. ``FRAMED_BY`` names the origins whose pages may show this one in a frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def install(app: Flask) -> None:
    """Take the path of ``MOUNT`` off each request, and tell Flask that it was there."""
    path: str = app.config.get("MOUNT", "")
    if path:
        app.wsgi_app = _below(path, app.wsgi_app)  # type: ignore[method-assign]


def root() -> str:
    """The address of the start page: ``/``, or ``/timebank/`` under a path."""
    return f"{request.script_root}/"


def here() -> str:
    """The whole address of this request on its host, with its shop and whatever else it names."""
    return request.script_root + request.full_path.rstrip("?")


def _below(path: str, serve: WSGIApplication) -> WSGIApplication:
    def served(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == path or asked.startswith(f"{path}/"):
            environ["PATH_INFO"] = asked[len(path) :] or "/"
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path
        return serve(environ, start)

    return served
