"""A visit that is about to end: go on by one touch; and drafts that their owner throws away."""

from flask import jsonify, redirect, request
from werkzeug.wrappers import Response

from web import drafts
from web.auth import current_by, seconds_left, signed_in
from web.pages import ACCOUNT, POST, page
from web.reader import safe_path


@page(ACCOUNT, "/me/stay", "stay", methods=POST)
@signed_in
def stay() -> Response:
    """Go on: this request itself is the sign of life. Tell how long the visit lasts now."""
    return jsonify(seconds=seconds_left())


@page(ACCOUNT, "/me/draft/drop", "draft_drop", methods=POST)
@signed_in
def drop_draft() -> Response:
    """Wipe the draft of a page, and show the page as it is without it."""
    address = safe_path(request.form.get("page"))
    drafts.drop(current_by(), address)
    return redirect(address, 303)
