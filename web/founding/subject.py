"""What ``founding`` declares for the web: the set-up pages and their texts."""

from web.founding import entering, from_backup, views, words
from web.founding.guard import install
from web.founding.lacking import reminder
from web.pages import Pages, routes_in

PAGES = Pages(
    routes=routes_in(entering, views, from_backup),
    refusals=words.REFUSALS,
    reminders=(reminder,),
    install=install,
)
