"""Who may do what, as a table for everybody of staff: the same rights as ``timebank who-may``."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import render_template, request

from timebank.desk import may as desk
from timebank.rights import Right
from timebank.subjects import every_right
from web.auth import current_by, needs
from web.pages import DESK, WORK, MenuPlace, page
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.subjects import gathered

PLACE = MenuPlace(
    bar=DESK, word=_l("谁能做什么"), icon="shield-check", order=65, right=desk.OPEN_WORKLIST
)


@dataclass(frozen=True, slots=True)
class ShownRight:
    """One row: what it is, which roles may, and whether the reader may."""

    word: str
    roles: str
    is_mine: bool


@page(WORK, "/who-may", "who_may", places=(PLACE,))
@needs(desk.OPEN_WORKLIST)
def who_may() -> Any:
    """Show every right with its roles; ``role`` keeps those of one role."""
    wanted = request.args.get("role", "")
    kept = [right for right in every_right() if wanted not in ROLES or wanted in right.roles]
    groups = [
        (_group_word(subject), [_shown(right) for right in rights])
        for subject, rights in groupby(kept, lambda right: right.name.partition(".")[0])
    ]
    choices = [("", _("所有岗位")), *((name, str(word)) for name, word in ROLES.items())]
    return render_template(
        "people/work_who_may.html", groups=groups, choices=choices, wanted=wanted
    )


def _group_word(subject: str) -> str:
    return str(gathered().rights.get(subject, subject))


def _shown(right: Right) -> ShownRight:
    held = [str(word) for name, word in ROLES.items() if name in right.roles]
    return ShownRight(
        word=str(gathered().rights.get(right.name, right.name)),
        roles=_("所有岗位") if len(held) == len(ROLES) else _("、").join(held),
        is_mine=right.is_held(current_by()),
    )
