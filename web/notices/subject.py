"""What ``notices`` declares for the web: its pages and words."""

from web.notices import open, rights, words, work
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(open, work),
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
)
