"""What ``aid`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.aid import (
    me,
    messages,
    rights,
    sheets,
    store_counter,
    store_issue,
    store_opening,
    words,
    worklist,
)
from web.cases import WorkFace
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(me, store_counter, store_issue, store_opening),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    deeds=words.DEEDS,
    faces=values_in(worklist, WorkFace),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
    messages=messages.MESSAGES,
)
