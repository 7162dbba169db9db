"""What the folder ``aid`` brings to the web."""

from web.aid import me, store_counter, store_issue
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(me, store_counter, store_issue))
