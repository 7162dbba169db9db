"""What ``messages`` declares for the web: its pages and words."""

from web.messages import me, rights, words, work
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(me, work),
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    install=me.install,
)
