"""What ``desk`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.desk import rights, words, work, worklist
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(work),
    faces=values_in(worklist, WorkFace),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
)
