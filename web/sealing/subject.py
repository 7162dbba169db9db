"""What the folder ``sealing`` brings to the web."""

from web.pages import Pages, routes_in
from web.sealing import open, work

PAGES = Pages(routes=routes_in(open, work))
