"""What the folder ``api`` brings to the web: the interface for programs, with its description."""

from web.api.views import register
from web.pages import Pages

PAGES = Pages(install=register)
