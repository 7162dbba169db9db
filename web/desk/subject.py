"""What ``desk`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.desk import manage, rights, sheets, words, work, worklist
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(manage, work),
    faces=values_in(worklist, WorkFace),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
