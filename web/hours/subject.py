"""What the folder ``hours`` brings to the web."""

from web.hours import me, open, passbook, work
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(me, open, passbook, work))
