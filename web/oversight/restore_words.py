"""Why a backup cannot be restored: a sentence for each reason, with what to do."""

from collections.abc import Mapping

from timebank.backups.staging import COUNTING, LOOKING, STEPS, UNPACKING, CannotRestore
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.wording import Text

WHY_WORDS: Mapping[str, Text] = {
    "none": _l("请选择备份文件。"),
    "foreign": _l("这不是这个程序做的备份文件。请选名字以 .tbk 结尾的那一个。"),
    "pass": _l("口令不对，或者文件的开头坏了。请照着抄下来的口令再输一次。"),
    "truncated": _l("文件不完整，后面少了一截。请重新拷贝或者重新下载，再试一次。"),
    "damaged": _l("文件坏了，里面的内容和做的时候不一样。请换一份拷贝，或者用另一份备份。"),
    "large": _l("文件打开以后比它自己说的大，或者这台服务器放不下，所以没有打开。"),
    "names": _l("文件里有不该有的东西，所以没有打开。请用自己做的备份。"),
    "not_sqlite": _l("文件里的数据库打不开，它不是这个程序的数据库。请用另一份备份。"),
    "engine": _l("这份备份和这台服务器用的不是同一种数据库，只能请服务器的同事用命令恢复。"),
    "full": _l("磁盘的空间不够。请服务器的同事腾出空间，再试一次。"),
    "too_old": _l("这份备份太旧了，要请服务器的同事用命令恢复，再运行 timebank migrate。"),
    "too_new": _l("这份备份是更新的程序做的。请先把这台服务器的程序更新，再试一次。"),
    "changed": _l("这份备份里的数据库被人改过，所以不能用：%(first)s。"),
    "empty": _l("这份备份里没有社区。"),
    "other": _l("这是另一个社区的备份，不能盖在这个社区上面。"),
    "clock": _l("服务器的时钟和这份备份里的日期对不上。请服务器的同事先校准时钟。"),
    "key": _l("缺少打开这份备份要用的密钥（编号 %(key)s）。请把存下来的 key 文件一起选上。"),
    "key_place": _l("密钥写在服务器的 %(variable)s 里。请服务器的同事把对的写进去，再试一次。"),
    "key_file": _l("选的密钥文件里没有密钥。请选存下来的 key 和 seal.key 两个文件。"),
    "seal_key": _l("缺少签过这本账的密钥。请把存下来的 seal.key 文件一起选上。"),
    "books": _l("这份备份里的账对不上，所以不能用（%(count)s 处，第一处：%(first)s）。"),
    "fault": _l("核对的时候出了错，原因写在服务器的日志里。请服务器的同事看一下。"),
    "busy": _l("数据库正忙，或者另一个人正在恢复。请过一分钟再试。"),
    "code": _l("这个码不对。请照服务器显示的那一行再输一次。"),
    "gone": _l("没有等着恢复的备份了。请重新选文件。"),
}

COUNT_WORDS: Mapping[str, Text] = {
    "transactions": _l("笔数"),
    "postings": _l("分录"),
    "leaves": _l("封存的条目"),
}


def restore_word(why: CannotRestore) -> str:
    """The sentence of a reason; it ends with what holds in every case."""
    word = str(WHY_WORDS[why.why]) % why.facts
    return _("%(why)s什么都没有改动。", why=word)


def fault_word(fault: CannotRestore | None) -> str:
    """Why the last check ended badly; empty where it did not."""
    return "" if fault is None else restore_word(fault)


def step_words(step: str) -> str:
    """How far the check is; empty while none runs."""
    if not step:
        return ""
    words = {
        UNPACKING: _("正在打开文件"), LOOKING: _("正在看里面的数据库"), COUNTING: _("正在核对账"),
    }  # fmt: skip
    return _("第 %(number)s 步，共 %(all)s 步：%(what)s。可以离开这一页，不会停。",
             number=STEPS.index(step) + 1, all=len(STEPS), what=words[step])  # fmt: skip


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What was counted in the books, in words."""
    return [(str(word), counts[what]) for what, word in COUNT_WORDS.items() if what in counts]
