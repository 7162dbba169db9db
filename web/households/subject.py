"""What ``households`` declares for the web: its pages and texts."""

from web.households import changing, enrolling, messages, moving, rights, words
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(enrolling, changing, moving),
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    messages=messages.MESSAGES,
)
