"""What ``goods`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.goods import (
    firm,
    me,
    open,
    rights,
    sheets,
    store_desk,
    store_intake,
    store_shelf,
    words,
    work_item_pictures,
    work_items,
    work_shops,
    worklist,
)
from web.pages import Pages, routes_in
from web.sheets import ListSheet

PAGES = Pages(
    routes=routes_in(
        firm,
        me,
        open,
        store_desk,
        store_intake,
        store_shelf,
        work_item_pictures,
        work_items,
        work_shops,
    ),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    accounts=words.ACCOUNTS,
    deeds=words.DEEDS,
    faces=values_in(worklist, WorkFace),
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    sheets=values_in(sheets, ListSheet),
)
