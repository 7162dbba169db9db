"""The JSON interface and its description."""

from web.api.views import register
from web.pages import Pages

PAGES = Pages(install=register)
