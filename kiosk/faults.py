"""Error pages of the kiosk: friendly, and never a claim that something was saved.

If recording fails, nothing is on disk. The person may tap again, because the same event id is
recorded only once.
"""

import logging

from flask import Flask, g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk.desk import _, go, show, visit

log = logging.getLogger("kiosk")


def install(app: Flask) -> None:
    """Redirect lost browsers to the first page, and show an error page for every other fault."""
    app.register_error_handler(HTTPException, _lost)
    app.register_error_handler(Exception, _fault)


def _lost(fault: HTTPException) -> ResponseReturnValue:
    """Handle an unknown page, a wrong method or an endless scan: go to the first page."""
    if fault.code == 413 and "visit" in g:
        visit().notice = _("没有认出来，请再扫一次。")
    if fault.code in (404, 405, 413):
        return go("/")
    return fault.get_response()


def _fault(fault: Exception) -> ResponseReturnValue:
    log.error("a page failed", exc_info=fault)
    if "visit" not in g:
        return "", 500
    return show("fault.html"), 500
