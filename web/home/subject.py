"""The start page."""

from web.home import open
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(open))
