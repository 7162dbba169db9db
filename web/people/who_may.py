"""Who may do what, as a table for everybody of staff: the same rights as ``timebank who-may``."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import render_template, request

from timebank.desk import may as desk
from timebank.rights import Right
from timebank.subjects import every_right
from web.auth import current_by, needs
from web.pages import MANAGE, WORK, MenuPlace, page
from web.people.words import ROLES
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.subjects import gathered

PLACE = MenuPlace(
    bar=MANAGE,
    word=_l("谁能做什么"),
    icon="shield-check",
    order=70,
    says=_l("每个岗位能办哪些事"),
    right=desk.OPEN_WORKLIST,
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
    groups = rights_by_subject(wanted)
    choices = [("", _("所有岗位")), *((name, str(word)) for name, word in ROLES.items())]
    return render_template(
        "people/work_who_may.html", groups=groups, choices=choices, wanted=wanted
    )


def rights_by_subject(wanted: str) -> list[tuple[str, list[ShownRight]]]:
    """The rights under the word of their subject; of one role, if it is one."""
    kept = [right for right in every_right() if wanted not in ROLES or wanted in right.roles]
    return [
        (_group_word(subject), [_shown(right) for right in rights])
        for subject, rights in groupby(kept, lambda right: right.name.partition(".")[0])
    ]


def _group_word(subject: str) -> str:
    return str(gathered().rights.get(subject, subject))


def _shown(right: Right) -> ShownRight:
    held = [str(word) for name, word in ROLES.items() if name in right.roles]
    return ShownRight(
        word=str(gathered().rights.get(right.name, right.name)),
        roles=_("所有岗位") if len(held) == len(ROLES) else _("、").join(held),
        is_mine=right.is_held(current_by()),
    )
