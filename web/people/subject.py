"""What the folder ``people`` brings to the web."""

from web.pages import Pages, routes_in
from web.people import account, me, words, work, work_cards, work_papers

PAGES = Pages(
    routes=routes_in(account, me, work, work_cards, work_papers),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    papers=words.PAPERS,
)
