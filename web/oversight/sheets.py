"""The audit trail, the state of the system and the backups as files."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from timebank.backups.making import kept_backups
from timebank.oversight import may
from timebank.oversight.queries import whole_trail
from timebank.values import By
from web.oversight.backups import fits, source_here
from web.oversight.health import shown_lines
from web.oversight.health_words import STATE_WORDS, advice_of, sentence_of, what_word
from web.oversight.words import actor_word, channel_word, deed_word, fact_words, whom_word
from web.oversight.work import ADDRESS, wanted_of
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.sheets import Asked, ListSheet, Row


def _audit(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    words = (actor_word, deed_word, whom_word, fact_words, channel_word)
    for entry in whole_trail(session, by, wanted_of(asked)):
        yield entry.line.at, *(word(entry) for word in words)


def _health(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    for line in shown_lines(session, by.community_id, asked):
        state = str(STATE_WORDS[line.state])
        yield what_word(line), state, str(sentence_of(line)), line.since, str(advice_of(line) or "")


def _backups(session: Session, by: By, asked: Asked) -> Iterator[Row]:
    source = source_here()
    for one in kept_backups(source) if source else []:
        if fits(one, asked.get("kind", "")):
            how = _("可以下载") if one.is_bundle else _("只在服务器上")
            yield one.made_at, one.size, how, one.name


AUDIT = ListSheet(
    name="audit", title=_l("办事记录"), page="work.audit", right=may.READ_AUDIT, kept=ADDRESS,
    headings=(_l("时间"), _l("谁"), _l("做了什么"), _l("对谁"), _l("内容"), _l("从哪里")),
    rows=_audit,
)  # fmt: skip
HEALTH = ListSheet(
    name="health", title=_l("系统状况"), page="work.health", right=may.READ_HEALTH, rows=_health,
    headings=(_l("看什么"), _l("状况"), _l("说明"), _l("从什么时候"), _l("怎么办")),
    kept=("state", "what"),
)  # fmt: skip
BACKUPS = ListSheet(
    name="backups", title=_l("做好的备份"), page="work.backups", right=may.MAKE_BACKUP,
    rows=_backups,
    headings=(_l("什么时候"), _l("大小（字节）"), _l("怎么用"), _l("文件")), kept=("kind",),
    is_proven=True,
)  # fmt: skip
