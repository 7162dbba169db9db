"""What ``sealing`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.pages import Pages, routes_in
from web.sealing import open, rights, sheets, work
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(open, work), rights=rights.RIGHTS, sheets=values_in(sheets, ListSheet)
)
