"""The start page."""

from web.home import manifest, open, place
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(manifest, open, place))
