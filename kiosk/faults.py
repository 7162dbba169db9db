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
# Shown before there is a visit, so in both languages; the browser asks again after five seconds.
BUSY = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>请稍等</title>'
    "<h1>请稍等，马上就好。</h1>"
    '<p lang="en">One moment, please. This page comes back by itself.</p></html>'
)


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
    if fault.code == 503:
        return BUSY, 503, {"Refresh": "5"}
    return fault.get_response()


def _fault(fault: Exception) -> ResponseReturnValue:
    log.error("a page failed", exc_info=fault)
    if "visit" not in g:
        return "", 500
    return show("fault.html"), 500
