"""Changes of the rules on the worklist of the second person."""

from datetime import datetime

from sqlalchemy.orm import Session

from timebank.desk.queries import Waiting
from timebank.settings.queries import change_named
from timebank.values import By
from web import formats
from web.cases import WorkCase, WorkFace, event
from web.reader import gettext as _
from web.reader import language
from web.reader import lazy_gettext as _l
from web.settings.reading import effects_shown, setting_on
from web.settings.sentences import label, sentence

_WORD = _l("同意改规则")


def _detail(one: Waiting) -> str:
    return label(one.number or "")


def _read(session: Session, by: By, waiting: Waiting, now: datetime) -> WorkCase:
    change = change_named(session, by.community_id, waiting.id)
    today = setting_on(session, by.community_id, change.key, formats.local_day(now))
    case = WorkCase(one=waiting, heading=_("：").join((str(_WORD), label(change.key))))
    day = formats.plain_day(change.valid_from_on, language())
    case.line = _("从%(day)s起", day=day)
    case.sections = [
        (_("改什么"), [(_("现在"), today.sentence), (_("改成"), sentence(change.key, change.value)),
                    (_("为什么改"), change.reason), (_("依据"), change.source)]),
        (_("会影响谁"), [(str(number), effect.sentence) for number, effect in
                     enumerate(effects_shown(session, by, change.row, now), 1)]),
    ]  # fmt: skip
    case.timeline = [event(change.asked_at, _("提出修改"), change.asked_by)]
    return case


SETTING = WorkFace(
    kind="setting", word=_WORD, read=_read, detail=_detail, template="settings/act_setting.html",
)  # fmt: skip
