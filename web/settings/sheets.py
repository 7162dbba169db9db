"""The rules in force, and the values that begin later, as a file."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from timebank.policy.rules import Parameter
from timebank.settings import may
from timebank.values import By
from web import units
from web.reader import lazy_gettext as _l
from web.settings.reading import Setting, settings_on
from web.settings.sentences import GROUPS, group_of, sentence
from web.sheets import Asked, ListSheet, Row


def _settings(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    wanted = asked.get("q", "").strip()[:60].casefold()
    for one in settings_on(session, by, units.today(), units.now()):
        if one.has(wanted):
            yield from (_row(one, row) for row in (one.row, *one.later))


def _row(one: Setting, row: Parameter | None) -> Row:
    group = str(GROUPS[group_of(one.key)])
    if row is None:
        return group, one.label, "", None, "", one.key
    from_on = None if row.valid_from_on == date.min else row.valid_from_on
    return group, one.label, str(sentence(one.key, row.value)), from_on, row.source, one.key


SETTINGS = ListSheet(
    name="settings", title=_l("规则"), page="work.settings", right=may.READ, rows=_settings,
    headings=(_l("方面"), _l("项目"), _l("规则"), _l("从哪天起"), _l("依据"), _l("代码")),
    kept=("q",),
)  # fmt: skip
