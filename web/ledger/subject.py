"""What ``ledger`` declares for the web: its pages, texts and worklist entries."""

from web.ledger import words
from web.pages import Pages

PAGES = Pages(
    refusals=words.REFUSALS,
    states=words.STATES,
    accounts=words.ACCOUNTS,
)
