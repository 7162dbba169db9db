"""What is read out before a household is written down. A released text never changes.

A new text gets a new version; the version that somebody agreed to stands in their row.
**Source**: domain.md C.5, after PIPL articles 14 to 17 and 28 to 31.
"""

from timebank.people.rules.records import REGISTER, SENSITIVE
from web.reader import lazy_gettext as _l
from web.wording import Text

CONSENT_TEXTS: dict[tuple[str, int], Text] = {
    (REGISTER, 1): _l(
        "社区要记下您家每口人的姓名、生日、和户主的关系、证件号码、住在哪里、怎样联系，"
        "用来办卡、领物品、记服务时间，不作别的用处。证件号码、电话和门牌加密保存，"
        "工作人员要写明原因才能看，看过您能查到。不满 14 岁的孩子，由监护人替他答应。"
        "您随时可以来看、来改，也可以收回同意。"
    ),
    (SENSITIVE, 1): _l(
        "家里的困难证明和需要照顾的情况，比别的更要小心：只用来决定能领什么、怎样照顾，"
        "加密保存，不贴出去，也不告诉邻居。不同意也可以登记，只是靠这些证明领的物品就领不了。"
        "这一条可以单独收回。"
    ),
}
