"""What ``closing`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.closing import rights, sheets, store, store_sheet, words
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(store, store_sheet),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    accounts=words.ACCOUNTS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
