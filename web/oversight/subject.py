"""What ``oversight`` declares for the web: its pages."""

from web.oversight import rights, work
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(work), rights=rights.RIGHTS)
