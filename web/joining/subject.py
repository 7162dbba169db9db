"""What ``joining`` declares for the web: its pages, texts and worklist entry."""

from timebank.subject import values_in
from web.joining import open, rights, sheets, words, work, worklist
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(open, work),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    faces=(worklist.REGISTRATION,),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
