"""The words of the health page: what each line is about, how it stands, and what to do."""

from collections.abc import Mapping
from typing import Any

from timebank.backups.notes import LOST_KEY, RESTORE, STOLEN_KIOSK, WRONG_CLOCK
from timebank.oversight.rules import ACT, WATCH, WELL, HealthLine
from web import formats
from web.reader import language
from web.reader import lazy_gettext as _l
from web.wording import Text

STATE_WORDS: Mapping[str, Text] = {
    ACT: _l("要处理"), WATCH: _l("留意"), WELL: _l("没问题"),
}  # fmt: skip
WHAT_WORDS: Mapping[str, Text] = {
    "backup": _l("备份"),
    "restore": _l("恢复备份"),
    "drill": _l("演练"),
    "seal": _l("账本封存"),
    "disk": _l("磁盘空间"),
    "clock": _l("时钟"),
    "calendar": _l("节假日表"),
    "kiosk": _l("自助终端"),
    "factor": _l("登录的第二步"),
    "messages": _l("短信和邮件"),
    "schema": _l("数据库版本"),
}
DRILL_WORDS: Mapping[str, Text] = {
    RESTORE: _l("恢复备份"),
    LOST_KEY: _l("丢了密钥"),
    STOLEN_KIOSK: _l("终端被偷"),
    WRONG_CLOCK: _l("时钟错了"),
}
# What a line says, by what it is about and why.
SENTENCES: Mapping[tuple[str, str], Text] = {
    ("backup", "never"): _l("还没有做过备份。"),
    ("backup", "old"): _l("上一次备份太久了。"),
    ("backup", "well"): _l("备份是新的。"),
    ("restore", "done"): _l("恢复了 %(of)s 的备份，那以后登记的不在账上。"),
    ("drill", "never"): _l("还没有演练过。"),
    ("drill", "bad"): _l("上一次演练没有成功。"),
    ("drill", "old"): _l("上一次演练太久了。"),
    ("drill", "well"): _l("上一次演练成功。"),
    ("seal", "waits"): _l("有账目还没有封存。"),
    ("seal", "nothing"): _l("还没有账目要封存。"),
    ("seal", "well"): _l("账目都封存了。"),
    ("disk", "full"): _l("只剩 %(free)s。"),
    ("disk", "well"): _l("还有 %(free)s。"),
    ("clock", "jumped"): _l("服务器的时钟跳了一天以上，现在没有跟着它走。"),
    ("clock", "drifts"): _l("服务器的时钟和数据库服务器差 %(seconds)s 秒。"),
    ("clock", "same"): _l("服务器的时钟和数据库服务器一致。"),
    ("clock", "well"): _l("服务器的时钟没有跳过。"),
    ("calendar", "over"): _l("节假日表到 %(until)s 为止，已经用完了。"),
    ("calendar", "soon"): _l("节假日表到 %(until)s 为止，快用完了。"),
    ("calendar", "well"): _l("节假日表到 %(until)s。"),
    ("kiosk", "frozen"): _l("已经冻结，里面的事要人看过。"),
    ("kiosk", "silent"): _l("很久没有联系，上面还有 %(waiting)s 笔没传。"),
    ("kiosk", "clock"): _l("它的时钟差了 %(minutes)s 分钟。"),
    ("kiosk", "version"): _l("它的程序是 %(version)s，和服务器的不一样。"),
    ("kiosk", "well"): _l("正常，还有 %(waiting)s 笔没传。"),
    ("messages", "waits"): _l("有 %(count)s 条等了很久还没有发出去。"),
    ("messages", "unclear"): _l("有 %(unclear)s 条不清楚有没有送到。"),
    ("messages", "well"): _l("没有积压。"),
    ("factor", "missing"): _l("还有 %(count)s 位同事没有设好。"),
    ("factor", "well"): _l("该设的同事都设好了。"),
    ("schema", "old"): _l("数据库是 %(found)s，程序要的是 %(newest)s。"),
    ("schema", "well"): _l("数据库和程序是同一个版本。"),
}
# What to do, where a line is not well. A command is for whoever looks after the server.
ADVICE: Mapping[tuple[str, str], Text] = {
    ("backup", "never"): _l("到“备份”那一页做一份，下载下来存到别的地方。"),
    ("backup", "old"): _l("到“备份”那一页做一份，下载下来存到别的地方。"),
    ("restore", "done"): _l("屏幕写着“暂停使用”的终端要重新配对；那以后的事照小票补登记。"),
    ("drill", "never"): _l("请服务器的同事运行 %(command)s。"),
    ("drill", "bad"): _l("请服务器的同事再运行 %(command)s，看它说哪里不对。"),
    ("drill", "old"): _l("请服务器的同事运行 %(command)s。"),
    ("seal", "waits"): _l("请服务器的同事运行 timebank seal，看它说什么。"),
    ("disk", "full"): _l("请服务器的同事腾出空间，例如把旧备份移到别处。"),
    ("clock", "jumped"): _l("请服务器的同事校准时钟，然后重新启动。"),
    ("clock", "drifts"): _l("请服务器的同事打开自动对时。"),
    ("calendar", "over"): _l("请在“规则 → 放假安排”里录入下一年的。"),
    ("calendar", "soon"): _l("下一年的公布以后，在“规则 → 放假安排”里录入。"),
    ("kiosk", "frozen"): _l("到“自助终端”那一页看过以后，让它继续或者停用。"),
    ("kiosk", "silent"): _l("到店里看看它的电源和网络；丢了就马上停用。"),
    ("kiosk", "clock"): _l("到店里校准那台终端的时钟。"),
    ("kiosk", "version"): _l("给那台终端换上一样的程序。"),
    ("messages", "waits"): _l("请管系统的人看看短信、邮件的设置和服务商。"),
    ("messages", "unclear"): _l("请到“电话通知”里看，要再发就点“再发一次”。"),
    ("factor", "missing"): _l("他们下次登录时会设。请提醒他们尽早登录一次。"),
    ("schema", "old"): _l("请服务器的同事运行 timebank migrate。"),
}
_COMMANDS = {
    RESTORE: "timebank restore-drill",
    LOST_KEY: "timebank drill lost-key --copy FILE",
    STOLEN_KIOSK: "timebank drill stolen-kiosk",
    WRONG_CLOCK: "timebank drill wrong-clock",
}
_UNITS = ("B", "KB", "MB", "GB", "TB")


def what_word(line: HealthLine) -> str:
    """What a line is about: *演练 · 恢复备份*."""
    of = str(DRILL_WORDS.get(line.of, line.of))
    what = str(WHAT_WORDS[line.what])
    return f"{what} · {of}" if of else what


def sentence_of(line: HealthLine) -> str:
    """How a line stands."""
    return str(SENTENCES[line.what, line.why]) % _facts(line)


def advice_of(line: HealthLine) -> str:
    """What to do about a line; empty where it is well."""
    return str(ADVICE.get((line.what, line.why), "")) % _facts(line)


def _facts(line: HealthLine) -> dict[str, Any]:
    facts: dict[str, Any] = dict(line.facts)
    if "free" in facts:
        facts["free"] = size_word(facts["free"])
    if "of" in facts:
        facts["of"] = formats.full_moment(facts["of"], language())
    if "until" in facts:
        facts["until"] = formats.day(facts["until"], language())
    if line.what == "drill":
        facts["command"] = _COMMANDS[line.of]
    return facts


def size_word(count: int) -> str:
    """A size in bytes as people say it: *1.4 GB*."""
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if size >= 10 or not unit else f"{size:.1f} {_UNITS[unit]}"
