"""What ``people`` declares for the web: its pages, texts and worklist entries."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.pages import Pages, routes_in
from web.people import (
    account,
    card_made,
    card_worklist,
    me,
    members,
    openings,
    own,
    own_secrets,
    password_made,
    pin_wish,
    staff,
    staff_worklist,
    staying,
    words,
    work,
    work_card_issues,
    work_cards,
    work_papers,
    work_passwords,
    work_pictures,
    work_pins,
    worklist,
)

PAGES = Pages(
    routes=routes_in(
        account,
        card_made,
        me,
        members,
        openings,
        own,
        own_secrets,
        password_made,
        pin_wish,
        staff,
        staying,
        work,
        work_card_issues,
        work_cards,
        work_papers,
        work_passwords,
        work_pictures,
        work_pins,
    ),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    papers=words.PAPERS,
    faces=(
        *values_in(worklist, WorkFace),
        *values_in(card_worklist, WorkFace),
        *values_in(staff_worklist, WorkFace),
    ),
    audited=words.AUDITED,
)
