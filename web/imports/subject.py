"""What ``imports`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.imports import rights, sheets, words, work, worklist
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(work),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    deeds=words.DEEDS,
    audited=words.AUDITED,
    faces=(worklist.SHEET, worklist.SHEET_UNDO),
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
