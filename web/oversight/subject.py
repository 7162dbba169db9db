"""What ``oversight`` declares for the web: its pages, their words, the line above the worklist."""

from flask import Flask

from timebank.subject import values_in
from web.oversight import backups, health, messages, restore, restoring, rights, sheets, work
from web.oversight.backup_words import AUDITED, KINDS
from web.pages import Pages, routes_in
from web.sheets import ListSheet


def install(app: Flask) -> None:
    """Set up what is shared by requests: what is red, and the one restore."""
    health.install(app)
    restoring.install(app)


PAGES = Pages(
    routes=routes_in(work, health, backups, restore), kinds=KINDS, audited=AUDITED,
    reminders=(health.reminder,), rights=rights.RIGHTS, messages=messages.MESSAGES,
    sheets=values_in(sheets, ListSheet), install=install,
)  # fmt: skip
