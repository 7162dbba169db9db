"""What ``messages`` declares for the web: its pages and words."""

from timebank.subject import values_in
from web.messages import me, rights, sheets, words, work
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(me, work),
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
    install=me.install,
)
