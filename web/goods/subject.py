"""What the folder ``goods`` brings to the web."""

from web.goods import me, open, store_desk, store_intake, store_shelf
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(me, open, store_desk, store_intake, store_shelf))
