"""What signed-in people typed and could not send, kept for them until they can.

The session's cookie says which pages have a draft, so that no other page asks the database.
"""

from flask import request, session

from timebank.people import actions
from timebank.people.queries import draft_of, drafted_pages
from timebank.people.queries.drafts import address_digest
from timebank.values import By
from web.ground import ground, now
from web.redrawing import Typed, typed_fields

BYTES_MAX = 64 * 1024  # Of one draft; our longest form has some 5 kB.
_PAGES = "drafts"
_MARK_CHARS = 12
_NOT_TYPED = frozenset({"request_id", "do", "open", "no", "round_id", "sign", "q"})


def keep(by: By, address: str) -> bool:
    """Keep what was sent for its owner; tell whether it was kept."""
    typed = typed_fields(stored=True)
    size = sum(len(name) + len(value.encode()) for name, value in typed)
    if not _is_work(typed) or size > BYTES_MAX:
        return False
    actions.keep_draft(ground().database, by=by, address=address, typed=typed)
    return True


def _is_work(typed: Typed) -> bool:
    """Tell whether it is the form of a deed, with more in it than its button.

    Never kept: a page of the owner's own secrets, a search, and a form of another site, even if
    the browser sends the cookie with it.
    """
    is_own = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    is_secret = (request.endpoint or "").startswith("account.")
    names = {name for name, value in typed if value}
    return is_own and not is_secret and "request_id" in names and bool(names - _NOT_TYPED)


def mark(address: str) -> None:
    """Note in the cookie that a page has a draft."""
    session[_PAGES] = sorted({*session.get(_PAGES, ()), _mark(address_digest(address))})


def mark_all(by: By) -> None:
    """Note at the sign-in which pages have a draft."""
    with ground().database.reading() as unit:
        found = drafted_pages(unit, by, now=now())
    if found:
        session[_PAGES] = sorted(_mark(bytes(digest)) for digest in found)


def is_marked(address: str) -> bool:
    """Tell whether a page has a draft, as far as the cookie knows."""
    return _PAGES in session and _mark(address_digest(address)) in session[_PAGES]


def read(by: By, address: str) -> Typed | None:
    """What the person had typed into a page."""
    with ground().database.reading() as unit:
        return draft_of(unit, by, address, now=now())


def drop(by: By, address: str) -> None:
    """Wipe the draft of a page."""
    actions.drop_draft(ground().database, by=by, address=address)
    unmark(address)


def unmark(address: str) -> None:
    """Show a page without its draft from now on."""
    here = _mark(address_digest(address))
    session[_PAGES] = [page for page in session.get(_PAGES, ()) if page != here]


def _mark(digest: bytes) -> str:
    return digest.hex()[:_MARK_CHARS]
