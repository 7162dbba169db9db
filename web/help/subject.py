"""The help page."""

from web.help import views
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(views))
