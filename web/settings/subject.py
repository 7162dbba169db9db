"""What ``settings`` declares for the web: its pages, texts and worklist entry."""

from timebank.subject import values_in
from web.pages import Pages, routes_in
from web.settings import calendar, open, rights, sheets, words, work, worklist
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(open, calendar, work),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    audited=words.AUDITED,
    faces=(worklist.SETTING,),
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
