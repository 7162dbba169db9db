"""What the folder ``help`` brings to the web."""

from web.help import views
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(views))
