"""What ``notices`` declares for the web: its pages and words."""

from timebank.subject import values_in
from web.notices import open, rights, sheets, words, work
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(open, work),
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
