"""What ``people`` declares for the web: its pages, texts and worklist entries."""

from web.pages import Pages, routes_in
from web.people import account, me, own, own_secrets, words, work, work_cards, work_papers

PAGES = Pages(
    routes=routes_in(account, me, own, own_secrets, work, work_cards, work_papers),
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    states=words.STATES,
    fields=words.FIELDS,
    papers=words.PAPERS,
)
