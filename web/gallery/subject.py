"""What the folder ``gallery`` brings to the web."""

from web.gallery import views
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(views))
