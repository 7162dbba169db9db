"""What ``people`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.pages import Pages, routes_in
from web.people import (
    account,
    card_made,
    card_worklist,
    me,
    openings,
    own,
    own_secrets,
    pin_wish,
    staff,
    staying,
    words,
    work,
    work_card_issues,
    work_cards,
    work_papers,
    work_pictures,
    work_pins,
    work_places,
    worklist,
)

PAGES = Pages(
    routes=routes_in(
        account,
        card_made,
        me,
        openings,
        own,
        own_secrets,
        pin_wish,
        staff,
        staying,
        work,
        work_card_issues,
        work_cards,
        work_papers,
        work_places,
        work_pictures,
        work_pins,
    ),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    papers=words.PAPERS,
    faces=(*values_in(worklist, WorkFace), *values_in(card_worklist, WorkFace)),
    audited=words.AUDITED,
)
