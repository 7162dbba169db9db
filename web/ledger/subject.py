"""What the folder ``ledger`` brings to the web."""

from web.ledger import words
from web.pages import Pages

PAGES = Pages(
    refusals=words.REFUSALS,
    states=words.STATES,
)
