"""What ``households`` declares for the web: its pages and texts."""

from timebank.subject import values_in
from web.cases import WorkFace
from web.households import (
    changing,
    enrolling,
    merge_worklist,
    merging,
    messages,
    moving,
    rights,
    words,
)
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(enrolling, changing, moving, merging),
    faces=values_in(merge_worklist, WorkFace),
    deeds=words.DEEDS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    whys=words.WHYS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
    messages=messages.MESSAGES,
)
