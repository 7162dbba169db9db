"""What ``policy`` declares for the web: its pages, texts and worklist entries."""

from web.pages import Pages
from web.policy import rights, words

PAGES = Pages(
    refusals=words.REFUSALS,
    kinds=words.KINDS,
    audited=words.AUDITED,
    rights=rights.RIGHTS,
)
