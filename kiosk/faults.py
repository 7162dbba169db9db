"""What the screen says when something went wrong here: kindly, and never that it was saved.

A fault while recording means that nothing is on disk; the person may tap again, because the
same event id can do no harm.
"""

import logging

from flask import Flask, g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk.desk import go, show

log = logging.getLogger("kiosk")


def install(app: Flask) -> None:
    """Lead lost browsers to the first page, and own up to every other fault."""
    app.register_error_handler(HTTPException, _lost)
    app.register_error_handler(Exception, _fault)


def _lost(fault: HTTPException) -> ResponseReturnValue:
    """A page that is not there, or not asked for this way: begin at the first one."""
    if fault.code in (404, 405):
        return go("/")
    return fault.get_response()


def _fault(fault: Exception) -> ResponseReturnValue:
    log.error("a page failed", exc_info=fault)
    if "visit" not in g:
        return "", 500
    return show("fault.html"), 500
