"""What is set up once and seldom changed: one page that leads to each part of it."""

from flask import render_template

from timebank.desk import may
from web.auth import needs
from web.pages import DESK, MANAGE, WORK, MenuPlace, page
from web.reader import lazy_gettext as _l

PLACE = MenuPlace(
    bar=DESK, word=_l("管理"), icon="shield-check", order=70, right=may.OPEN_WORKLIST,
    opens=MANAGE,
)  # fmt: skip


@page(WORK, "/manage", "manage", places=(PLACE,))
@needs(may.OPEN_WORKLIST)
def manage() -> str:
    """List what the reader may see of it."""
    return render_template("desk/work_manage.html")
