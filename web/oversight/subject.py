"""What ``oversight`` declares for the web: its pages, and the line above the worklist."""

from web.oversight import health, work
from web.pages import Pages, routes_in

PAGES = Pages(routes=routes_in(work, health), reminders=(health.reminder,), install=health.install)
