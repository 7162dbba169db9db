"""How a line of the audit trail is said: who, what, to whom, and the facts worth showing."""

from collections.abc import Iterator

from timebank.oversight.queries import HOUSEHOLD, PERSON, USER, AuditTold
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.subjects import gathered
from web.wording import Names
from web.words import common

# Which facts are shown, in this order. Everything else in a line is for programs.
FACTS: Names = {
    "claim_no": _l("申领号"),
    "receipt_no": _l("收据号"),
    "card_no": _l("卡号"),
    "no": _l("第几张日结表"),
    "year": _l("年份"),
    "key": _l("项目"),
    "approved": _l("同意件数"),
    "accepted_pieces": _l("收下件数"),
    "refused_pieces": _l("没收下件数"),
    "pieces": _l("件数"),
    "minutes": _l("分钟"),
    "count": _l("条数"),
    "credited": _l("计入条数"),
    "claims": _l("申领笔数"),
    "lots": _l("批数"),
    "differences": _l("有差异的行数"),
    "sheet": _l("表格"),
    "file": _l("文件"),
    "rows": _l("行数"),
    "households": _l("户数"),
    "people": _l("人数"),
    "proofs": _l("证明份数"),
    "cards": _l("卡的张数"),
    "reason": _l("原因"),
    "why": _l("原因"),
    "note": _l("说明"),
}
# The last digits are enough to tell cards apart, and open nothing.
_CARD_SHOWN = 4


def deed_word(entry: AuditTold) -> str:
    """What was done."""
    return str(gathered().audited.get(entry.line.name, entry.line.name))


def actor_word(entry: AuditTold) -> str:
    """Who did it: a name, a kiosk, or the program itself."""
    if entry.actor:
        return entry.actor
    kind = entry.line.client.partition(":")[0]
    return {"job": _("程序自动"), "device": _("自助终端")}.get(kind, _("没有登录的人"))


def whom_word(entry: AuditTold) -> str:
    """To whom or to what it was done."""
    kind = entry.line.subject_kind
    if entry.whom is not None:
        return _("户 %(no)s", no=entry.whom) if kind == HOUSEHOLD else entry.whom
    if kind in (PERSON, HOUSEHOLD, USER) and entry.line.subject_id is not None:
        return _("已不在册")
    return ""


def channel_word(entry: AuditTold) -> str:
    """The way by which it came."""
    words = {
        "web": _("网页"), "counter": _("柜台"), "kiosk": _("自助终端"), "phone": _("电话"),
        "job": _("程序自动"),
    }  # fmt: skip
    return words.get(entry.line.channel, entry.line.channel)


def fact_words(entry: AuditTold) -> str:
    """The facts worth showing, in one line."""
    return _("；").join(_shown(entry))


def _shown(entry: AuditTold) -> Iterator[str]:
    for key, label in FACTS.items():
        value = entry.line.facts.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            continue
        if key == "card_no":
            value = f"…{str(value)[-_CARD_SHOWN:]}"
        yield _("%(label)s %(value)s", label=label, value=_said(key, value))


def _said(key: str, value: str | int) -> str:
    if key == "why":
        value = str(gathered().whys.get(str(value), common.WHYS.get(str(value))) or value)
    if key == "sheet" and value in gathered().sheets:
        value = str(gathered().sheets[str(value)].title)
    return str(value)
