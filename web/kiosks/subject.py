"""What ``kiosks`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.kiosks import (
    api,
    bell,
    messages,
    pairing,
    rights,
    sheets,
    words,
    work,
    work_shops,
    worklist,
)
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(api, bell, pairing, work, work_shops),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    fields=words.FIELDS,
    states=words.STATES,
    faces=tuple(face for part in (bell, pairing, worklist) for face in values_in(part, WorkFace)),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
    messages=messages.MESSAGES,
)
