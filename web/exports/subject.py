"""What ``exports`` declares for the web: its pages and words."""

from web.exports import rights, views, words
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(views), kinds=words.KINDS, audited=words.AUDITED, rights=rights.RIGHTS,
    install=views.install,
)  # fmt: skip
