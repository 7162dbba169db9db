"""What ``hours`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.hours import (
    me,
    messages,
    open,
    passbook,
    rights,
    sheets,
    words,
    work,
    work_services,
    worklist,
)
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(me, open, passbook, work, work_services),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    accounts=words.ACCOUNTS,
    deeds=words.DEEDS,
    faces=values_in(worklist, WorkFace),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
    messages=messages.MESSAGES,
)
