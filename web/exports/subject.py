"""What ``exports`` declares for the web: its pages and words."""

from timebank.subject import values_in
from web.exports import dictionary, rights, views, words
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(views, dictionary), kinds=words.KINDS, audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(dictionary, ListSheet), install=views.install,
)  # fmt: skip
