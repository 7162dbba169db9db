"""What the folder ``policy`` brings to the web."""

from web.pages import Pages
from web.policy import words

PAGES = Pages(
    refusals=words.REFUSALS,
    kinds=words.KINDS,
)
