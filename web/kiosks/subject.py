"""What ``kiosks`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.kiosks import api, bell, words, work, work_shops, worklist
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(api, bell, work, work_shops),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    fields=words.FIELDS,
    states=words.STATES,
    faces=(*values_in(bell, WorkFace), *values_in(worklist, WorkFace)),
    audited=words.AUDITED,
)
