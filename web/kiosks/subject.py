"""What the folder ``kiosks`` brings to the web."""

from web.kiosks import api, work
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(api, work))
