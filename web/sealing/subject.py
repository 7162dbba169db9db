"""What ``sealing`` declares for the web: its pages, texts and worklist entries."""

from web.pages import Pages, routes_in
from web.sealing import open, rights, work

PAGES = Pages(routes=routes_in(open, work), rights=rights.RIGHTS)
