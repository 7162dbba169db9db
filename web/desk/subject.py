"""What the folder ``desk`` brings to the web."""

from web.desk import work
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(work))
