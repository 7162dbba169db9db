"""The pages of the gallery."""

from web.gallery import views
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(views))
